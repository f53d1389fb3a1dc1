import type { DocumentNode } from 'graphql';

export interface DocumentCache {
  readonly get: (text: string) => DocumentNode | undefined;
  readonly set: (text: string, document: DocumentNode) => void;
}

/** Longer ones come from no client that sends them often. */
const longestText = 10_000;
/** A parsed document takes up to 250 bytes for each character: 100 MB at the very worst, when somebody tries; about 1,000 usual documents. */
const mostCharacters = 400_000;

/** Keeps the documents that were used last. Bounded by what they take, not by their number: anybody may send documents. */
export function createDocumentCache(): DocumentCache {
  const documents = new Map<string, DocumentNode>();
  let characters = 0;

  function forgetOldest(): void {
    const [oldest] = documents.keys();
    if (oldest === undefined) return;
    documents.delete(oldest);
    characters -= oldest.length;
  }

  return {
    get(text) {
      const document = documents.get(text);
      if (!document) return undefined;
      documents.delete(text);
      documents.set(text, document);
      return document;
    },
    set(text, document) {
      if (text.length > longestText || documents.has(text)) return;
      documents.set(text, document);
      characters += text.length;
      while (characters > mostCharacters) forgetOldest();
    },
  };
}
