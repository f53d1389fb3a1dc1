/** What a run of the harness does to the server. */
export interface Plan {
  /** How often the server process is killed, and how often PostgreSQL. */
  readonly serverKills: number;
  readonly databaseKills: number;
  /** Senders of each kind. */
  readonly sendersOfAKind: number;
  /** How long a sender rests between two operations, at most. */
  readonly restMs: number;
}

const whole: Plan = { serverKills: 100, databaseKills: 20, sendersOfAKind: 4, restMs: 100 };
const short: Plan = { serverKills: 4, databaseKills: 2, sendersOfAKind: 4, restMs: 60 };

export interface Arguments {
  readonly plan: Plan;
  /** The whole run asks for its control by itself; `--control` runs nothing else. */
  readonly controlOnly: boolean;
  readonly short: boolean;
  /** Nothing but the disk that fills up and the one that fails; part of the whole run. */
  readonly disksOnly: boolean;
}

/** `--short`, `--control`, `--disks`, `--server-kills=50`, `--database-kills=10`. */
export function readArguments(args: readonly string[]): Arguments {
  const unknown = args.filter((arg) => !/^--(short|control|disks|(server|database)-kills=\d+)$/.test(arg));
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(' ')}`);
  const isShort = args.includes('--short');
  const plan = isShort ? short : whole;
  const numberOf = (name: string, usual: number): number => {
    const given = args.find((arg) => arg.startsWith(`--${name}=`));
    return given === undefined ? usual : Number(given.slice(name.length + 3));
  };
  return {
    plan: {
      ...plan,
      serverKills: numberOf('server-kills', plan.serverKills),
      databaseKills: numberOf('database-kills', plan.databaseKills),
    },
    controlOnly: args.includes('--control'),
    short: isShort,
    disksOnly: args.includes('--disks'),
  };
}
