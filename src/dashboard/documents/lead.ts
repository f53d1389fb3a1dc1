import { type Connection, graphql } from '../graph/document.ts';
import type { Delivery } from './webhooks.ts';

export interface LeadDetail {
  readonly id: string;
  readonly uuid: string;
  readonly number: number;
  readonly email: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly phone: string | null;
  readonly phoneE164: string | null;
  readonly company: string | null;
  readonly position: string | null;
  readonly website: string | null;
  readonly twitter: string | null;
  readonly linkedin: string | null;
  readonly notes: string | null;
  readonly score: number | null;
  readonly address: Readonly<Record<'line1' | 'line2' | 'city' | 'state' | 'postalCode' | 'country', string | null>> | null;
  readonly birthDate: string | null;
  readonly gender: string | null;
  readonly stage: { readonly name: string; readonly position: number };
  readonly sourceName: string | null;
  readonly campaignName: string | null;
  readonly domain: string | null;
  readonly utm: Readonly<Record<'source' | 'medium' | 'campaign' | 'term' | 'content', string | null>>;
  readonly referrer: string | null;
  readonly landingPage: string | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly browser: string | null;
  readonly deviceType: string | null;
  readonly form: {
    readonly completionPercent: number | null;
    readonly fieldsCompleted: number | null;
    readonly fieldsTotal: number | null;
  };
  readonly customData: unknown;
  readonly tags: readonly string[];
  readonly externalId: string | null;
  readonly sellerLeadId: string | null;
  readonly product: string | null;
  readonly trustedFormUrl: string | null;
  readonly trustedFormStatus: string | null;
  readonly price: string | null;
  readonly crmLeadId: string | null;
  readonly transactionId: string | null;
  readonly cost: string;
  readonly adSpend: string;
  readonly revenue: string;
  readonly payout: string;
  readonly duplicateOf: { readonly number: number } | null;
  readonly conversation: Conversation | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly stageHistory: Connection<StageStep>;
  readonly events: Connection<FiredEvent>;
  readonly submissions: Connection<Receipt>;
  readonly timeline: Connection<TimelineEntry>;
}

export interface Conversation {
  readonly status: 'FAILED' | 'NEEDS_REPLY' | 'OPEN' | 'WAITING';
  readonly isUnread: boolean;
  readonly lastSnippet: string | null;
  readonly lastEventAt: string;
  readonly createdAt: string;
}

export interface StageStep {
  readonly id: string;
  readonly fromStage: string | null;
  readonly toStage: string;
  readonly forced: boolean;
  readonly via: string;
  readonly actor: string;
  readonly reason: string | null;
  readonly occurredAt: string;
}

export interface FiredEvent {
  readonly id: string;
  readonly eventType: { readonly eventId: string; readonly name: string };
  readonly campaign: { readonly cid: string } | null;
  readonly isConversion: boolean;
  readonly revenue: string | null;
  readonly payout: string | null;
  readonly occurredAt: string;
}

export interface Receipt {
  readonly id: string;
  readonly outcome: 'CREATED' | 'UPDATED' | 'UNCHANGED' | 'DUPLICATE' | 'REJECTED';
  readonly dialect: string;
  readonly actor: string;
  readonly reasons: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly receivedAt: string;
  readonly durationMs: number;
  readonly ipAddress: string | null;
}

export interface TimelineEntry {
  readonly id: string;
  readonly seq: number;
  readonly label: string;
  readonly summary: string;
  readonly origin: string;
  readonly actor: string;
  readonly occurredAt: string;
  readonly receivedAt: string;
  readonly previous: Readonly<Record<string, unknown>> | null;
  readonly crmActivity: { readonly payload: unknown } | null;
  readonly deliveries: readonly (Pick<Delivery, 'id' | 'status' | 'attemptCount' | 'attempts'> & {
    readonly webhook: { readonly id: string; readonly name: string };
  })[];
}

export const receiptFields = 'id outcome dialect actor reasons fields body receivedAt durationMs ipAddress';

const page = 'pageInfo { hasNextPage endCursor }';
const timelineFields = `id seq label summary origin actor occurredAt receivedAt previous crmActivity { payload }
  deliveries { id status attemptCount attempts { number at statusCode durationMs error responseBody url } webhook { id name } }`;

/** Which lead, and where the pages of its lists begin. */
export interface LeadDetailVariables {
  readonly by: { readonly number: number } | { readonly id: string };
  readonly stagesAfter: string | null;
  readonly eventsAfter: string | null;
  readonly submissionsAfter: string | null;
  readonly timelineAfter: string | null;
}

export const leadDetail = graphql<{ readonly lead: LeadDetail | null }, LeadDetailVariables>(/* GraphQL */ `
  query LeadDetail($by: LeadSelector!, $stagesAfter: String, $eventsAfter: String, $submissionsAfter: String, $timelineAfter: String) {
    lead(by: $by) {
      id uuid number email firstName lastName phone phoneE164 company position website twitter linkedin notes score
      address { line1 line2 city state postalCode country } birthDate gender stage { name position } sourceName campaignName domain
      utm { source medium campaign term content } referrer landingPage ipAddress userAgent browser deviceType
      form { completionPercent fieldsCompleted fieldsTotal } customData tags externalId sellerLeadId product trustedFormUrl trustedFormStatus
      price crmLeadId transactionId cost adSpend revenue payout duplicateOf { number } createdAt updatedAt
      conversation { status isUnread lastSnippet lastEventAt createdAt }
      stageHistory(first: 50, after: $stagesAfter) { nodes { id fromStage toStage forced via actor reason occurredAt } ${page} }
      events(first: 50, after: $eventsAfter) {
        nodes { id eventType { eventId name } campaign { cid } isConversion revenue payout occurredAt }
        ${page}
      }
      submissions(first: 20, after: $submissionsAfter) { nodes { ${receiptFields} } ${page} }
      timeline(first: 30, after: $timelineAfter) { nodes { ${timelineFields} } ${page} }
    }
  }
`);

export interface LeadExport {
  readonly data: unknown;
  readonly exportedAt: string;
  readonly isComplete: boolean;
}

export const exportLead = graphql<{ readonly exportLead: LeadExport | null }, { readonly leadId: string }>(/* GraphQL */ `
  query ExportLead($leadId: ID!) {
    exportLead(leadId: $leadId) { data exportedAt isComplete }
  }
`);
