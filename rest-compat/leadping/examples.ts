/** The bodies of the documentation, unchanged. */
export const structuredExample = {
  metadata: {
    externalId: 'partner-lead-88391',
    sellerLeadId: 'seller-4471',
    utmSource: 'partner-site',
    utmCampaign: 'june-campaign',
    product: 'Example product',
    trustedFormUrl: 'https://cert.trustedform.com/example',
    sourceMetadata: { placement: 'homepage-form', publisher: 'example-publisher' },
  },
  contact: {
    firstName: 'Jordan',
    lastName: 'Example',
    email: 'jordan@example.com',
    phone: { number: '+15555550123' },
    streetAddress: { address1: '100 Main St', address2: 'Suite 200', city: 'Austin', state: 'TX', postalCode: '78701' },
  },
  customer: { birthDate: '1970-01-15', gender: 'Unknown' },
};

export const flatExample = {
  firstName: 'Jordan',
  lastName: 'Example',
  email: 'jordan@example.com',
  phone: '+15555550123',
  address1: '100 Main St',
  address2: 'Suite 200',
  city: 'Austin',
  state: 'TX',
  zip: '78701',
  birthDate: '1970-01-15',
  subId: 'affiliate-22',
  sellerLeadId: 'seller-4471',
  price: 18.5,
  utmSource: 'partner-site',
  utmCampaign: 'june-campaign',
  landingPage: 'https://example.com/quote',
  referrer: 'https://example.com',
  trustedFormUrl: 'https://cert.trustedform.com/example',
  externalId: 'partner-lead-88391',
  sourceMetadata: { placement: 'homepage-form' },
};

export const toCurl = (path: string, body: object): string => `curl -X POST http://localhost:3000${path} \\
-H "Content-Type: application/json" \\
-H "X-Leadping-Source-Id: $SOURCE_ID" -H "X-Leadping-Source-Key: $SOURCE_KEY" \\
-d '${JSON.stringify(body, null, 2)}'`;
