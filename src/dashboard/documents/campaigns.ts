import { type Connection, graphql, type Refusal, refusalFields } from '../graph/document.ts';

export interface Payout {
  readonly fixed: string | null;
  readonly percent: string | null;
}

export interface EventType {
  readonly id: string;
  readonly eventId: string;
  readonly name: string;
  readonly isConversion: boolean;
  readonly allowRepeats: boolean;
  readonly payout: Payout | null;
}

export interface Campaign {
  readonly id: string;
  readonly cid: string;
  readonly name: string;
  readonly events: readonly {
    readonly eventId: string;
    readonly isConversion: boolean;
    readonly allowRepeats: boolean;
    readonly enabled: boolean;
    readonly payout: Payout | null;
  }[];
}

export const campaignsAndEvents = graphql<
  { readonly campaigns: Connection<Campaign>; readonly eventTypes: readonly EventType[] },
  { readonly first: number }
>(/* GraphQL */ `
  query CampaignsAndEvents($first: Int!) {
    campaigns(first: $first) {
      nodes { id cid name events { eventId isConversion allowRepeats enabled payout { fixed percent } } }
      pageInfo { hasNextPage endCursor }
    }
    eventTypes { id eventId name isConversion allowRepeats payout { fixed percent } }
  }
`);

export interface CreateEventTypeInput {
  readonly eventId: string;
  readonly name?: string;
  readonly isConversion: boolean;
  readonly allowRepeats: boolean;
}

export const createEventType = graphql<
  { readonly createEventType: { readonly __typename: 'CreateEventTypeSuccess' } | Refusal },
  { readonly input: CreateEventTypeInput }
>(/* GraphQL */ `
  mutation CreateEventType($input: CreateEventTypeInput!) { createEventType(input: $input) { ${refusalFields} } }
`);

export interface CreateCampaignInput {
  readonly cid: string;
  readonly name?: string;
  readonly events: readonly { readonly eventId: string }[];
}

export const createCampaign = graphql<
  { readonly createCampaign: { readonly __typename: 'CreateCampaignSuccess' } | Refusal },
  { readonly input: CreateCampaignInput }
>(/* GraphQL */ `
  mutation CreateCampaign($input: CreateCampaignInput!) { createCampaign(input: $input) { ${refusalFields} } }
`);
