import type { Execute } from '../src/graphql/execute.ts';
import { createDocsPages } from './docs.ts';
import { createDoor } from './door.ts';
import type { Endpoint } from './endpoint.ts';
import { ghostleadsEndpoints } from './ghostleads/endpoints.ts';
import { toRoute } from './handler.ts';
import { leadpingEndpoints } from './leadping/endpoints.ts';
import { pingtreeEndpoints } from './pingtree/endpoints.ts';
import { toOpenApi } from './openapi.ts';
import { pulsegateEndpoints } from './pulsegate/endpoints.ts';
import type { Page, RestRoute } from './route.ts';

/** Every documented endpoint of every dialect. */
export const endpoints: readonly Endpoint[] = [...ghostleadsEndpoints, ...pingtreeEndpoints, ...pulsegateEndpoints, ...leadpingEndpoints];

export interface RestCompat {
  readonly routes: readonly RestRoute[];
  /** The documentation: `/openapi.json`, `/docs` and what it needs. */
  readonly pages: readonly Page[];
}

export function createRestCompat(execute: Execute): RestCompat {
  const door = createDoor();
  return {
    routes: endpoints.map((endpoint) => toRoute(endpoint, execute, door)),
    pages: [
      { path: '/openapi.json', contentType: 'application/json; charset=utf-8', body: JSON.stringify(toOpenApi(endpoints), null, 2) },
      ...createDocsPages(endpoints),
    ],
  };
}
