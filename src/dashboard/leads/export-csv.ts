import { type LeadFilter, type LeadOrder, type LeadPageVariables, type LeadRow, leadRows } from '../documents/leads.ts';
import { request } from '../graph/request.ts';
import { toGraphError } from '../graph/use-query.ts';
import { saveFile } from '../ui/save-file.ts';
import { csvHead, toCsvLine } from './csv.ts';

const pageSize = 100;
/** A server that restarts is back long before that. */
const mostTries = 30;
const retryMs = 2000;

interface Sink {
  readonly write: (text: string) => Promise<void> | void;
  readonly close: () => Promise<void> | void;
  /** Leaves nothing behind. */
  readonly abort: () => Promise<void> | void;
}

interface SaveFilePicker {
  readonly showSaveFilePicker?: (options: object) => Promise<{ readonly createWritable: () => Promise<Sink> }>;
}

/** Writes the filtered list into a file page by page, and says after each how many leads it holds. Call it in answer to a click. */
export async function exportCsv(
  filter: LeadFilter,
  orderBy: LeadOrder,
  onProgress: (count: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const sink = await openSink(`leads-${new Date().toISOString().slice(0, 10)}.csv`);
  try {
    // The byte order mark tells spreadsheets that it is UTF-8.
    await sink.write(`\ufeff${csvHead}`);
    onProgress(0);
    let after: string | null = null;
    let count = 0;
    do {
      const { leads }: { leads: { nodes: readonly LeadRow[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } = await ask(
        { first: pageSize, after, filter, orderBy },
        signal,
      );
      await sink.write(leads.nodes.map(toCsvLine).join(''));
      count += leads.nodes.length;
      onProgress(count);
      after = leads.pageInfo.hasNextPage ? leads.pageInfo.endCursor : null;
    } while (after !== null);
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

/** Minutes of work are not lost because the server was away for a moment. */
async function ask(variables: LeadPageVariables, signal: AbortSignal) {
  for (let tries = 1; ; tries++) {
    try {
      return await request(leadRows, variables, signal);
    } catch (error) {
      if (signal.aborted || !toGraphError(error).isPassing || tries === mostTries) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
      signal.throwIfAborted();
    }
  }
}

/** Straight to disk where the browser allows it; elsewhere collected in memory that the browser may page out. */
async function openSink(name: string): Promise<Sink> {
  const { showSaveFilePicker } = globalThis as SaveFilePicker;
  if (showSaveFilePicker) {
    const file = await showSaveFilePicker({ suggestedName: name, types: [{ description: 'CSV', accept: { 'text/csv': ['.csv'] } }] });
    return file.createWritable();
  }
  let parts: Blob[] = [];
  return {
    write: (text) => void parts.push(new Blob([text])),
    abort: () => void (parts = []),
    close() {
      saveFile(name, new Blob(parts, { type: 'text/csv;charset=utf-8' }));
    },
  };
}
