import { exportLead } from '../documents/lead.ts';
import { request } from '../graph/request.ts';
import { saveFile } from '../ui/save-file.ts';

interface SavedExport {
  readonly __typename: 'LeadExport';
  readonly isComplete: boolean;
}

/** Saves everything that is stored of a person as a file, for a person who asks for it. */
export async function saveLeadExport({ id, number }: { readonly id: string; readonly number: number }): Promise<SavedExport> {
  const { exportLead: found } = await request(exportLead, { leadId: id });
  if (!found) throw new Error('The lead is gone.');
  saveFile(`lead-${number}.json`, new Blob([`${JSON.stringify(found, null, 2)}\n`], { type: 'application/json' }));
  return { __typename: 'LeadExport', isComplete: found.isComplete };
}
