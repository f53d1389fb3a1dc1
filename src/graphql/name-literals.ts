import { type ASTNode, type DocumentNode, type GraphQLError, Kind, visit } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { locate } from './mask-error.ts';

/**
 * Says which argument holds the value that a scalar refused: a scalar is told the value only, and graphql-js adds the name for variables but
 * not for what stands in the document. Around the function, since what it returns is kept for the same document.
 */
export function nameLiterals(): Plugin {
  return {
    onValidate({ validateFn, setValidationFn }) {
      setValidationFn((schema, document, ...rest) => withNames(document, validateFn(schema, document, ...rest)));
    },
  };
}

function withNames(document: DocumentNode, errors: readonly GraphQLError[]): readonly GraphQLError[] {
  const literals = new Set(errors.flatMap((error) => literalOf(error) ?? []));
  if (literals.size === 0) return errors;
  const names = namesOf(document, literals);
  return errors.map((error) => {
    const literal = literalOf(error);
    const name = literal && names.get(literal);
    return name === undefined ? error : locate(error, `${name}: ${error.message}`, error.extensions);
  });
}

const literalOf = ({ nodes, extensions }: GraphQLError): ASTNode | undefined =>
  extensions['code'] === 'BAD_USER_INPUT' ? nodes?.[0] : undefined;

/** `Argument "filter.createdFrom"`. One way through the document for all of them. */
function namesOf(document: DocumentNode, literals: ReadonlySet<ASTNode>): ReadonlyMap<ASTNode, string> {
  const names = new Map<ASTNode, string>();
  visit(document, {
    enter(node, _key, parent, _path, ancestors) {
      if (!literals.has(node)) return;
      const holders = [...ancestors, parent].flatMap((holder) => (holder && 'kind' in holder ? [holder] : []));
      const begin = holders.findLastIndex(({ kind }) => kind === Kind.ARGUMENT || kind === Kind.VARIABLE_DEFINITION);
      const path = holders.slice(begin).flatMap(nameOf).join('.');
      if (begin >= 0) names.set(node, `${holders[begin]?.kind === Kind.ARGUMENT ? 'Argument' : 'Variable'} "${path}"`);
    },
  });
  return names;
}

function nameOf(holder: ASTNode): string[] {
  if (holder.kind === Kind.VARIABLE_DEFINITION) return [`$${holder.variable.name.value}`];
  return holder.kind === Kind.ARGUMENT || holder.kind === Kind.OBJECT_FIELD ? [holder.name.value] : [];
}
