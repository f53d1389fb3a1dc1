import { defaultFieldResolver, isObjectType } from 'graphql';
import { schema } from '../../src/graphql/schema.ts';

/** Counts every resolver that runs from now on, in this process. Install it before the server is made. */
export function countResolvers(): { readonly ran: () => number } {
  let count = 0;
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const { resolve = defaultFieldResolver, subscribe } = field;
      field.resolve = (...args) => {
        count += 1;
        return resolve(...args);
      };
      if (!subscribe) continue;
      field.subscribe = (...args) => {
        count += 1;
        return subscribe(...args);
      };
    }
  }
  return { ran: () => count };
}
