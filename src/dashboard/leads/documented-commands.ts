/** The two examples of the postback's documentation, for this server. */
export function documentedCommands(origin: string, withKey: boolean): readonly [string, string] {
  const head = `curl -X POST ${origin}/api/postback \\
  -H "Content-Type: application/json" \\${withKey ? '\n  -H "x-api-key: YOUR_API_KEY" \\' : ''}`;
  return [
    `${head}
  -d '{
    "email": "john@example.com",
    "first_name": "John",
    "stage": "Form Started",
    "source": "google",
    "domain": "myeinregistry.com",
    "campaign": "llc-spring-2026",
    "utm_source": "google",
    "utm_medium": "cpc",
    "utm_campaign": "llc-spring-2026",
    "ip_address": "192.168.1.1",
    "browser": "Chrome 124",
    "device_type": "desktop",
    "form_completion_percent": 10,
    "form_fields_total": 12
  }'`,
    `${head}
  -d '{
    "email": "john@example.com",
    "stage": "Application Submitted",
    "form_completion_percent": 100,
    "form_fields_completed": 12,
    "form_fields_total": 12
  }'`,
  ];
}
