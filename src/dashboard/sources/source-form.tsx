import { useApp } from '../app-context.ts';
import { createSource, type Source, type SourceSettings, updateSource } from '../documents/sources.ts';
import { request } from '../graph/request.ts';
import { CheckField, TextAreaField, TextField } from '../ui/fields.tsx';
import { listOf, textOf, textOrNull } from '../ui/form-values.ts';
import { FormDialog } from '../ui/form.tsx';
import { useAction } from '../ui/use-action.ts';

interface SourceFormProps {
  /** Null: a new one. */
  readonly source: Source | null;
  readonly onClose: () => void;
  readonly onCreated: (source: Source, key: string) => void;
  readonly onSaved: () => void;
}

/** Everything that can be set of a source. */
export function SourceForm({ source, onClose, onCreated, onSaved }: SourceFormProps) {
  const { viewer } = useApp();
  const action = useAction();
  // Only the root key sees sources that no account has, and may attach them.
  const mayAttach = viewer.kind === 'ROOT' && source !== null;

  function save(data: FormData): void {
    const settings = toSettings(data);
    if (source === null) {
      action.run(
        async () => (await request(createSource, { input: settings })).createSource,
        (created) => onCreated(created.source, created.key),
      );
      return;
    }
    const attached = data.has('attached');
    const input = { sourceId: source.id, ...settings, ...(mayAttach && attached !== source.attached && { attached }) };
    action.run(async () => (await request(updateSource, { input })).updateSource, onSaved);
  }

  return (
    <FormDialog
      title={source === null ? 'New source' : `Edit ${source.name}`}
      submit={source === null ? 'Create' : 'Save'}
      wide
      action={action}
      onClose={onClose}
      onSubmit={save}
    >
      <div class="field-columns">
        <TextField
          name="name"
          label="Name"
          required
          value={source?.name ?? null}
          hint={source && 'Leads that it has sent keep the former one.'}
        />
        <TextField name="pid" label="pid" value={source?.pid ?? null} hint="By which event postbacks name it; may be empty." />
      </div>
      <TextField name="description" label="Description" value={source?.description ?? null} />
      <div class="field-columns">
        <TextField
          name="allowedStates"
          label="Allowed states"
          value={source?.allowedStates.join(', ') ?? null}
          hint="Like TX, CA; empty: any."
        />
        <TextField
          name="allowedProducts"
          label="Allowed products"
          value={source?.allowedProducts.join(', ') ?? null}
          hint="Separated by commas; empty: any."
        />
        <TextField name="defaultTags" label="Tags" value={source?.defaultTags.join(', ') ?? null} hint="Each of its leads gets them." />
        <TextField
          name="costPerLead"
          label="Cost per lead"
          decimal
          value={source?.costPerLead ?? null}
          hint="What an accepted lead costs."
        />
      </div>
      <div class="stack-tight">
        <CheckField
          name="requiresTrustedForm"
          label="Each lead needs a TrustedForm certificate"
          checked={source?.requiresTrustedForm ?? true}
        />
        <CheckField name="complianceApproved" label="Approved: its leads are accepted" checked={source?.complianceApproved ?? false} />
        <CheckField name="enabled" label="Enabled: it may send" checked={source?.enabled ?? true} />
        {mayAttach && <CheckField name="attached" label="Belongs to this account" checked={source.attached} />}
      </div>
      <TextAreaField
        name="complianceNotes"
        label="Compliance notes"
        rows={2}
        value={source?.complianceNotes ?? null}
        hint="What the review found."
      />
    </FormDialog>
  );
}

const toSettings = (data: FormData): SourceSettings => ({
  name: textOf(data, 'name'),
  description: textOrNull(data, 'description'),
  pid: textOrNull(data, 'pid'),
  allowedStates: listOf(data, 'allowedStates'),
  allowedProducts: listOf(data, 'allowedProducts'),
  defaultTags: listOf(data, 'defaultTags'),
  costPerLead: textOrNull(data, 'costPerLead'),
  requiresTrustedForm: data.has('requiresTrustedForm'),
  complianceApproved: data.has('complianceApproved'),
  complianceNotes: textOrNull(data, 'complianceNotes'),
  enabled: data.has('enabled'),
});
