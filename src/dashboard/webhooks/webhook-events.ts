/** What a webhook can be told of, and what that means. */
export const webhookEvents: readonly (readonly [name: string, meaning: string])[] = [
  ['save_lead', 'a lead is new or was changed'],
  ['lead.created', 'a lead is new'],
  ['lead.updated', 'fields of a lead changed'],
  ['lead.deleted', 'a lead was deleted'],
  ['lead.erased', 'a person was erased; carries ids only'],
  ['stage.changed', 'a lead moved along the pipeline'],
  ['submission.received', 'a lead was sent again with nothing new'],
  ['event.fired', 'an event was fired at a lead'],
  ['event.converted', 'an event was a conversion'],
  ['crm.activity', 'the CRM reported something'],
  ['crm.linked', 'a lead got its CRM id'],
];
