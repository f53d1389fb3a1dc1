import type { Lead, Submission } from '../../prisma/generated/client/client.ts';
import type { CrmActivityRow } from '../crm/crm-activity.ts';

/** A submission that has a CRM id, without the rest of it. */
export type SubmissionLink = Pick<Submission, 'id' | 'leadId' | 'crmLeadId'>;

/** What waits for a CRM id is needed and was not loaded: load it and decide again. */
export class WaitingNotLoaded extends Error {
  readonly crmLeadId: string;
  constructor(crmLeadId: string) {
    super('CRM activity that waits has to be loaded first');
    this.name = 'WaitingNotLoaded';
    this.crmLeadId = crmLeadId;
  }
}

/** Where the CRM ids of one batch stand: ids of rows that have, or had, each of them. The rows themselves say whether they still do. */
export class CrmIndex {
  readonly #leadIds = new Map<string, Set<string>>();
  readonly #activityIds = new Map<string, Set<string>>();
  readonly #submissions = new Map<string, SubmissionLink>();
  readonly #loaded = new Set<string>();

  noteLead({ id, crmLeadId }: Lead): void {
    if (crmLeadId !== null) add(this.#leadIds, crmLeadId, id);
  }

  noteSubmission({ id, leadId, crmLeadId }: SubmissionLink): void {
    if (crmLeadId !== null) this.#submissions.set(id, { id, leadId, crmLeadId });
    else this.#submissions.delete(id);
  }

  noteActivity({ id, leadId, crmLeadId }: CrmActivityRow): void {
    if (leadId === null) add(this.#activityIds, crmLeadId, id);
    else this.#activityIds.get(crmLeadId)?.delete(id);
  }

  /** What waits for this id is known now. */
  noteLoaded(crmLeadId: string): void {
    this.#loaded.add(crmLeadId);
  }

  leadIds(crmLeadId: string): Iterable<string> {
    return this.#leadIds.get(crmLeadId) ?? [];
  }

  submissions(crmLeadId: string): readonly SubmissionLink[] {
    return [...this.#submissions.values()].filter((link) => link.crmLeadId === crmLeadId);
  }

  submissionsOf(leadId: string): readonly SubmissionLink[] {
    return [...this.#submissions.values()].filter((link) => link.leadId === leadId);
  }

  waitingIds(crmLeadId: string): Iterable<string> {
    if (!this.#loaded.has(crmLeadId)) throw new WaitingNotLoaded(crmLeadId);
    return this.#activityIds.get(crmLeadId) ?? [];
  }
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const values = map.get(key);
  if (values) values.add(value);
  else map.set(key, new Set([value]));
}
