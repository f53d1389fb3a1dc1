import { type DocumentNode, type ExecutionArgs, Kind, print, visit } from 'graphql';
import type { Viewer } from '../auth/viewer.ts';

/**
 * Names everything that decides what a subscription's messages say: the document, its variables, and what the viewer may see. The credential
 * is no part of it, so two keys with the same rights in one account are told the same.
 */
export function audienceKey({ document, operationName, variableValues }: ExecutionArgs, { kind, accountId, scopes }: Viewer): string {
  const { text, beginsAt } = describe(document);
  const variables = Object.entries(variableValues ?? {}).filter(([name]) => name !== beginsAt);
  return JSON.stringify([accountId, kind, scopes.toSorted(), text, operationName ?? null, variables]);
}

interface Description {
  readonly text: string;
  /** The variable that only says where `leadChanges` begins, and nothing about what its messages say. */
  readonly beginsAt: string | undefined;
}

const descriptions = new WeakMap<DocumentNode, Description>();

function describe(document: DocumentNode): Description {
  const known = descriptions.get(document);
  if (known) return known;
  const description = { text: document.loc?.source.body ?? print(document), beginsAt: findBeginning(document) };
  descriptions.set(document, description);
  return description;
}

/** The variable given as `leadChanges(after:)`, where it is used for nothing else. */
function findBeginning(document: DocumentNode): string | undefined {
  const uses = new Map<string, number>();
  const beginnings = new Set<string>();
  visit(document, {
    // Naming a variable is no use of it.
    VariableDefinition: () => false,
    Variable({ name }) {
      uses.set(name.value, (uses.get(name.value) ?? 0) + 1);
    },
    Field({ name, arguments: given = [] }) {
      if (name.value !== 'leadChanges') return;
      for (const { name: argument, value } of given) {
        if (argument.value === 'after' && value.kind === Kind.VARIABLE) beginnings.add(value.name.value);
      }
    },
  });
  return [...beginnings].find((name) => uses.get(name) === 1);
}
