import { type Connection, graphql, type PageVariables, type Refusal, refusalFields } from '../graph/document.ts';

export interface Payout {
  readonly fixed: string | null;
  readonly percent: string | null;
}

export interface EventType {
  readonly id: string;
  readonly eventId: string;
  readonly name: string;
  readonly description: string | null;
  readonly isConversion: boolean;
  readonly allowRepeats: boolean;
  readonly payout: Payout | null;
}

export interface Campaign {
  readonly id: string;
  readonly cid: string;
  readonly name: string;
  readonly events: readonly CampaignEvent[];
}

export interface CampaignEvent {
  readonly eventId: string;
  readonly isConversion: boolean;
  readonly allowRepeats: boolean;
  readonly enabled: boolean;
  readonly payout: Payout | null;
}

export const campaignsAndEvents = graphql<
  { readonly campaigns: Connection<Campaign>; readonly eventTypes: readonly EventType[] },
  PageVariables
>(/* GraphQL */ `
  query CampaignsAndEvents($first: Int!, $after: String) {
    campaigns(first: $first, after: $after) {
      nodes { id cid name events { eventId isConversion allowRepeats enabled payout { fixed percent } } }
      pageInfo { hasNextPage endCursor }
    }
    eventTypes { id eventId name description isConversion allowRepeats payout { fixed percent } }
  }
`);

/** One of the two. */
export type PayoutInput = { readonly fixed: string } | { readonly percent: string };

export interface EventTypeSettings {
  readonly name?: string;
  readonly description: string | null;
  readonly isConversion: boolean;
  readonly allowRepeats: boolean;
  readonly payout: PayoutInput | null;
}

export const createEventType = graphql<
  { readonly createEventType: { readonly __typename: 'CreateEventTypeSuccess' } | Refusal },
  { readonly input: EventTypeSettings & { readonly eventId: string } }
>(/* GraphQL */ `
  mutation CreateEventType($input: CreateEventTypeInput!) { createEventType(input: $input) { ${refusalFields} } }
`);

export const updateEventType = graphql<
  { readonly updateEventType: { readonly __typename: 'UpdateEventTypeSuccess' } | Refusal },
  { readonly input: EventTypeSettings & { readonly eventTypeId: string } }
>(/* GraphQL */ `
  mutation UpdateEventType($input: UpdateEventTypeInput!) { updateEventType(input: $input) { ${refusalFields} } }
`);

/** What is left out is as the event type says. */
export interface CampaignEventInput {
  readonly eventId: string;
  readonly enabled: boolean;
  readonly isConversion?: boolean;
  readonly allowRepeats?: boolean;
  readonly payout?: PayoutInput;
}

export interface CampaignSettings {
  readonly cid: string;
  readonly name?: string;
  readonly events: readonly CampaignEventInput[];
}

export const createCampaign = graphql<
  { readonly createCampaign: { readonly __typename: 'CreateCampaignSuccess' } | Refusal },
  { readonly input: CampaignSettings }
>(/* GraphQL */ `
  mutation CreateCampaign($input: CreateCampaignInput!) { createCampaign(input: $input) { ${refusalFields} } }
`);

export const updateCampaign = graphql<
  { readonly updateCampaign: { readonly __typename: 'UpdateCampaignSuccess' } | Refusal },
  { readonly input: CampaignSettings & { readonly campaignId: string } }
>(/* GraphQL */ `
  mutation UpdateCampaign($input: UpdateCampaignInput!) { updateCampaign(input: $input) { ${refusalFields} } }
`);
