import { builder } from './builder.ts';
import { describeConventions } from './describe-conventions.ts';
import './errors.ts';
import '../auth/graphql.ts';
import '../sources/graphql.ts';
import '../leads/graphql/lead.ts';
import '../leads/graphql/leads.ts';
import '../leads/graphql/submission.ts';
import '../leads/graphql/record-postback.ts';
import '../leads/graphql/submit-lead.ts';
import '../leads/graphql/intake-fields.ts';
import '../leads/graphql/update-lead.ts';
import '../pipeline/graphql/stage.ts';
import '../pipeline/graphql/stage-change.ts';
import '../pipeline/graphql/move-lead.ts';
import '../campaigns/graphql/event-type.ts';
import '../campaigns/graphql/campaign.ts';
import '../events/graphql/lead-event.ts';
import '../events/graphql/fire-event.ts';
import '../changes/graphql.ts';
import '../crm/graphql.ts';
import '../live/graphql.ts';
import '../analytics/graphql/analytics.ts';
import '../analytics/graphql/analytics-live.ts';
import '../analytics/graphql/pipeline-report.ts';

/** The whole graph. Every slice adds its part when it is imported here, and nowhere else. */
export const schema = describeConventions(builder.toSchema());
