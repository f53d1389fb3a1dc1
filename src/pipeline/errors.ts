import { DomainError } from '../errors.ts';

/** The pipeline has no stage of this name. */
export class UnknownStageError extends DomainError {
  readonly code = 'UNKNOWN_STAGE';
  /** The stages there are, in order. */
  readonly stages: readonly string[];
  constructor(name: string, stages: readonly string[]) {
    super(`"${name.slice(0, 60)}" is not a stage of the pipeline. Use one of: ${stages.join(', ')}.`);
    this.name = 'UnknownStageError';
    this.stages = stages;
  }
}
