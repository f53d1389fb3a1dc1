import { validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { endpoints } from '../../rest-compat/rest-compat.ts';
import { schema } from '../../src/graphql/schema.ts';

describe('the documents of the REST endpoints', () => {
  it.each(endpoints.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
    '%s asks only for what the graph has',
    (_name, { operation }) => {
      expect(validate(schema, operation).map((error) => error.message)).toEqual([]);
    },
  );
});
