export interface Stage {
  readonly name: string;
  /** 1 is the earliest. 0: a stage that left the configuration while leads still stand in it. */
  readonly position: number;
}

/** The configured stages in their order. */
export interface Pipeline {
  readonly stages: readonly Stage[];
  readonly first: Stage;
  /** Finds a stage whatever its case and spacing. */
  readonly find: (name: string) => Stage | undefined;
  /** The stage a lead stands in, also when it left the configuration. */
  readonly get: (name: string) => Stage;
}

export type StageOutcome = 'APPLIED' | 'KEPT' | 'FORCED' | 'UNCHANGED';

export interface StageMove {
  readonly stage: Stage;
  readonly outcome: StageOutcome;
}

const normalise = (name: string): string => name.trim().replace(/\s+/g, ' ').toLowerCase();

export function createPipeline(names: readonly string[]): Pipeline {
  const stages = names.map((name, i): Stage => ({ name, position: i + 1 }));
  const [first] = stages;
  if (!first) throw new Error('a pipeline needs at least one stage');
  const byName = new Map(stages.map((stage) => [normalise(stage.name), stage]));
  return {
    stages,
    first,
    find: (name) => byName.get(normalise(name)),
    get: (name) => byName.get(normalise(name)) ?? { name, position: 0 },
  };
}

/** Forward moves always count, a backward one only when forced; otherwise the lead keeps its stage. */
export function nextStage(current: Stage, wanted: Stage, forced: boolean): StageMove {
  if (wanted.name === current.name) return { stage: current, outcome: 'UNCHANGED' };
  if (wanted.position > current.position) return { stage: wanted, outcome: 'APPLIED' };
  return forced ? { stage: wanted, outcome: 'FORCED' } : { stage: current, outcome: 'KEPT' };
}
