import type { Draft } from '../writes/draft.ts';
import { crmActivityRecorded } from './changes.ts';

/**
 * Gives the CRM activity that waited for these CRM ids to the lead that has them now. The working set calls it after every command that
 * gave a lead or a submission a CRM id, so no operation can forget it; what is bound no longer waits, so it happens once.
 */
export function bindWaiting(draft: Draft, crmLeadIds: readonly string[]): void {
  for (const crmLeadId of crmLeadIds) {
    const waiting = draft.waitingFor(crmLeadId);
    const lead = waiting.length === 0 ? undefined : draft.leadByCrmId(crmLeadId);
    if (!lead) continue;
    for (const activity of waiting) {
      draft.put('CrmActivity', { ...activity, leadId: lead.id });
      draft.recordChange(crmActivityRecorded(lead, activity));
    }
  }
}
