import type { StageStep } from '../documents/lead.ts';
import { Time } from '../ui/time.tsx';

export function StageHistory({ steps }: { readonly steps: readonly StageStep[] }) {
  return (
    <ol class="timeline" aria-label="Stage history">
      {steps.map(({ id, fromStage, toStage, forced, via, actor, reason, occurredAt }) => (
        <li key={id} class="entry">
          <div class="entry-head">
            <span>{fromStage === null ? toStage : `${fromStage} → ${toStage}`}</span>
            {forced && <span class="tag warn">forced</span>}
            <span class="muted">
              {actor} by {via}
            </span>
            <span class="muted when">
              <Time at={occurredAt} />
            </span>
          </div>
          {reason !== null && <p>{reason}</p>}
        </li>
      ))}
    </ol>
  );
}
