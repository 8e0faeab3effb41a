import { playScenario, type Stage } from './player.ts';
import type { Scenario } from './scenario.ts';
import { createTranscript } from './transcript.ts';

/** Plays a scenario and tells it line by line. Answers whether all was as expected. */
export async function tellScenario(scenario: Scenario, stage: Stage, tell: (line: string) => void): Promise<boolean> {
  const transcript = createTranscript(scenario);
  let played = 0;
  let isFailed = false;
  for (const line of transcript.title()) tell(line);
  for await (const step of playScenario(scenario, stage)) {
    played += 1;
    isFailed = step.wrongs.length > 0;
    for (const line of transcript.step(step)) tell(line);
  }
  for (const line of transcript.end(played, isFailed)) tell(line);
  return !isFailed;
}
