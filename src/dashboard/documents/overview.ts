import { graphql } from '../graph/document.ts';

export interface PipelineReport {
  readonly overview: {
    readonly totalLeads: number;
    readonly newToday: number;
    readonly newLast7Days: number;
    readonly paid: number;
    readonly conversionRate: number;
    readonly averageFormCompletion: number | null;
  };
  readonly funnel: readonly { readonly stage: string; readonly count: number; readonly reached: number; readonly percent: number }[];
  readonly topSources: readonly { readonly source: string | null; readonly count: number; readonly paid: number }[];
  readonly newLeads30d: readonly { readonly date: string; readonly count: number }[];
}

export const pipelineReport = graphql<{ readonly pipelineReport: PipelineReport }>(/* GraphQL */ `
  query PipelineReport {
    pipelineReport {
      overview { totalLeads newToday newLast7Days paid conversionRate averageFormCompletion }
      funnel { stage count reached percent }
      topSources { source count paid }
      newLeads30d { date count }
    }
  }
`);
