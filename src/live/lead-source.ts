import type { WatchedLog } from '../changes/follow-log.ts';
import type { StreamSource } from './stream.ts';

/** "Look at the lead now." Where it stands is read when the message is made, so states that followed each other quickly merge. */
export interface LeadItem {
  readonly leadId: string;
}

/** Farther behind than this the log is not searched: the lead is looked at in any case. */
const searchAtMost = 2000;

export interface LeadSourceOptions {
  readonly log: WatchedLog;
  readonly leadId: string;
  readonly exists: () => Promise<boolean>;
  readonly isErased: () => Promise<boolean>;
  /** The lead that was shown was erased: there is nothing more to say, and nobody to say it of. */
  readonly onErased: () => void;
}

/** One item at once, one more after each change of the lead; it ends after the lead's deletion. */
export function createLeadSource({ log, leadId, exists, isErased, onErased }: LeadSourceOptions): StreamSource<LeadItem> {
  let position = log.head;
  // Kept until it was acted on: a look that failed is made again.
  let due = true;
  let gone = false;
  let wasThere = false;

  /** Reads up to the head, so that everything up to there is told by one item. */
  async function noticeChanges(): Promise<void> {
    const head = log.head;
    if (head - position > searchAtMost) {
      position = head;
      due = true;
    }
    while (position < head) {
      const page = await log.pageWith(position + 1);
      for (const upTo = Math.min(page.loadedTo, head); position < upTo; position += 1) {
        if (page.changeAt(position + 1)?.leadId === leadId) due = true;
      }
    }
  }

  return {
    get position() {
      return position;
    },
    // Its states merge, so nothing piles up behind it.
    behind: 0,
    async take() {
      if (gone) return undefined;
      await noticeChanges();
      if (!due) return null;
      gone = !(await exists());
      due = false;
      if (gone && wasThere && (await isErased())) {
        onErased();
        return undefined;
      }
      wasThere = !gone;
      return { leadId };
    },
    heartbeat: () => null,
    rest: () => undefined,
    nameOf: () => `${position}`,
  };
}
