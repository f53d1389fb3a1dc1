import { parse } from 'graphql';
import { toJsonNumber } from '../exact-numbers.ts';
import type { Answer } from '../route.ts';

export const fireEvent = parse(
  /* GraphQL */ `
    mutation FireEvent($input: FireEventInput!) {
      fireEvent(input: $input) {
        __typename
        ... on FireEventSuccess {
          leadEvent {
            isConversion
            revenue
          }
        }
        ... on Error {
          code
          message
        }
        ... on InvalidInputError {
          issues {
            path
            message
            code
          }
        }
      }
    }
  `,
  { noLocation: true },
);

export interface FireEventData {
  readonly fireEvent: { readonly leadEvent: { readonly isConversion: boolean; readonly revenue: string | null } };
}

export function toAnswer({ fireEvent: { leadEvent } }: FireEventData): Answer {
  const { isConversion, revenue } = leadEvent;
  if (!isConversion) return { status: 200, body: { status: 200, type: 'success', message: 'Event fired successfully' } };
  const message = 'Conversion event fired successfully';
  return { status: 200, body: { status: 200, type: 'success', message, revenue: toJsonNumber(revenue ?? '0') } };
}
