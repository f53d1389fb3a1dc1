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
      setValidationFn((schema, document, ...rest) =>
        validateFn(schema, document, ...rest).map((error: GraphQLError) => {
          const name = nameOfLiteral(document, error);
          return name === null ? error : locate(error, `${name}: ${error.message}`, error.extensions);
        }),
      );
    },
  };
}

/** `Argument "filter.createdFrom"`; null for errors of other kinds. */
function nameOfLiteral(document: DocumentNode, { nodes, extensions }: GraphQLError): string | null {
  const [literal] = nodes ?? [];
  if (!literal || extensions['code'] !== 'BAD_USER_INPUT') return null;
  let holders: readonly ASTNode[] = [];
  visit(document, {
    enter(node, _key, parent, _path, ancestors) {
      if (node === literal) holders = [...ancestors, parent].flatMap((holder) => (holder && 'kind' in holder ? [holder] : []));
    },
  });
  const begin = holders.findLastIndex(({ kind }) => kind === Kind.ARGUMENT || kind === Kind.VARIABLE_DEFINITION);
  const names = holders.slice(begin).flatMap(nameOf);
  return begin < 0 ? null : `${holders[begin]?.kind === Kind.ARGUMENT ? 'Argument' : 'Variable'} "${names.join('.')}"`;
}

function nameOf(holder: ASTNode): string[] {
  if (holder.kind === Kind.VARIABLE_DEFINITION) return [`$${holder.variable.name.value}`];
  return holder.kind === Kind.ARGUMENT || holder.kind === Kind.OBJECT_FIELD ? [holder.name.value] : [];
}
