import { type Connection, graphql, type PageVariables, type Refusal, refusalFields } from '../graph/document.ts';

export interface Webhook {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly method: string;
  readonly enabled: boolean;
  readonly events: readonly string[];
  /** Values are masked. */
  readonly headers: Readonly<Record<string, string>>;
  /** By the fields of `LeadFilter`. */
  readonly filter: Readonly<Record<string, unknown>>;
  readonly payloadFormat: string;
  readonly health: string;
  readonly lastSuccessAt: string | null;
  readonly consecutiveFailures: number;
  readonly disabledAt: string | null;
  readonly disabledReason: string | null;
  readonly disablesAt: string | null;
}

export type DeliveryStatus = 'PENDING' | 'DELIVERED' | 'RETRYING' | 'EXHAUSTED' | 'CANCELLED';

export interface Attempt {
  readonly number: number;
  readonly at: string;
  readonly statusCode: number | null;
  readonly durationMs: number;
  readonly error: string | null;
  readonly responseBody: string | null;
  readonly url: string;
}

export interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly status: DeliveryStatus;
  readonly held: boolean;
  readonly isTest: boolean;
  readonly attemptCount: number;
  readonly createdAt: string;
  readonly nextAttemptAt: string | null;
  readonly change: { readonly seq: number; readonly summary: string; readonly lead: { readonly number: number } | null };
  readonly attempts: readonly Attempt[];
}

const webhookFields = `id name url method enabled events headers filter payloadFormat health lastSuccessAt consecutiveFailures disabledAt disabledReason
  disablesAt`;

export const allWebhooks = graphql<{ readonly webhooks: Connection<Webhook> }, PageVariables>(/* GraphQL */ `
  query AllWebhooks($first: Int!, $after: String) {
    webhooks(first: $first, after: $after) { nodes { ${webhookFields} } pageInfo { hasNextPage endCursor } }
  }
`);

export const webhookWithDeliveries = graphql<
  { readonly webhook: (Webhook & { readonly deliveries: Connection<Delivery> }) | null },
  PageVariables & { readonly id: string; readonly status: readonly DeliveryStatus[] | null }
>(/* GraphQL */ `
  query WebhookWithDeliveries($id: ID!, $first: Int!, $after: String, $status: [DeliveryStatus!]) {
    webhook(id: $id) {
      ${webhookFields}
      deliveries(first: $first, after: $after, status: $status) {
        nodes {
          id event status held isTest attemptCount createdAt nextAttemptAt
          change { seq summary lead { number } }
          attempts { number at statusCode durationMs error responseBody url }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const deliveriesLive = graphql<
  { readonly deliveriesLive: { readonly id: string; readonly change: { readonly leadId: string | null } } },
  { readonly webhookId: string | null }
>(/* GraphQL */ `
  subscription DeliveriesLive($webhookId: ID) { deliveriesLive(webhookId: $webhookId) { id change { leadId } } }
`);

export interface WebhookSettings {
  readonly name: string;
  readonly url: string;
  readonly method: string;
  readonly enabled: boolean;
  readonly events: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly filter: Readonly<Record<string, unknown>>;
  /** Left out: what fits the events. */
  readonly payloadFormat?: string;
}

export const createWebhook = graphql<
  { readonly createWebhook: { readonly __typename: 'CreateWebhookSuccess'; readonly secret: string } | Refusal },
  { readonly input: WebhookSettings }
>(/* GraphQL */ `
  mutation CreateWebhook($input: CreateWebhookInput!) {
    createWebhook(input: $input) { ... on CreateWebhookSuccess { secret } ${refusalFields} }
  }
`);

export const updateWebhook = graphql<
  { readonly updateWebhook: { readonly __typename: 'UpdateWebhookSuccess' } | Refusal },
  { readonly input: { readonly webhookId: string; readonly recoverSince?: string } & Partial<WebhookSettings> }
>(/* GraphQL */ `
  mutation UpdateWebhook($input: UpdateWebhookInput!) { updateWebhook(input: $input) { ${refusalFields} } }
`);

/** These cannot break a rule of the input. */
const plainRefusal = '__typename ... on Error { code message }';

export const deleteWebhook = graphql<
  { readonly deleteWebhook: { readonly __typename: 'DeleteWebhookSuccess' } | Refusal },
  { readonly webhookId: string }
>(/* GraphQL */ `
  mutation DeleteWebhook($webhookId: ID!) { deleteWebhook(input: { webhookId: $webhookId }) { ${plainRefusal} } }
`);

export const testWebhook = graphql<
  { readonly testWebhook: { readonly __typename: 'TestWebhookSuccess' } | Refusal },
  { readonly webhookId: string }
>(/* GraphQL */ `
  mutation TestWebhook($webhookId: ID!) { testWebhook(input: { webhookId: $webhookId }) { ${plainRefusal} } }
`);

export interface ReplayDeliveriesInput {
  readonly deliveryIds?: readonly string[];
  readonly webhookId?: string;
  readonly since?: string;
  readonly status?: readonly DeliveryStatus[];
  readonly dryRun: boolean;
}

export const replayDeliveries = graphql<
  { readonly replayDeliveries: { readonly __typename: 'ReplayDeliveriesSuccess'; readonly count: number } | Refusal },
  { readonly input: ReplayDeliveriesInput }
>(/* GraphQL */ `
  mutation ReplayDeliveries($input: ReplayDeliveriesInput!) {
    replayDeliveries(input: $input) { ... on ReplayDeliveriesSuccess { count } ${refusalFields} }
  }
`);

export const rotateWebhookSecret = graphql<
  { readonly rotateWebhookSecret: { readonly __typename: 'RotateWebhookSecretSuccess'; readonly secret: string } | Refusal },
  { readonly webhookId: string }
>(/* GraphQL */ `
  mutation RotateWebhookSecret($webhookId: ID!) {
    rotateWebhookSecret(input: { webhookId: $webhookId }) { ... on RotateWebhookSecretSuccess { secret } ${refusalFields} }
  }
`);
