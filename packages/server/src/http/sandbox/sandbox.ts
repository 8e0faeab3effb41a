import { parseInstant } from '@cosell/odata';
import { readClockSetting, timeOf } from '../../domain/exchange-clock.ts';
import { settleIfDue } from '../../domain/expiry.ts';
import { resetExchange, setClock } from '../../domain/sandbox.ts';
import { parseDuration } from '../duration.ts';
import { JsonOrder } from '../json-order.ts';
import type { Answer, Asked, Surface } from '../route.ts';
import { faultKinds, providerFaults, type Sandbox } from './sandbox-faults.ts';

/** GET of the exchange's clock. */
export async function answerClock({ store, surroundings }: Surface): Promise<Answer> {
  const setting = await readClockSetting(store);
  const nowMs = timeOf(setting, surroundings.clock);
  return clockAnswer({ nowMs, isFrozen: setting.frozenAtMs !== null, offsetMs: nowMs - surroundings.clock.now() });
}

/** POST of the clock: forward by a duration or to an instant, and frozen or going. */
export async function answerSetClock({ store, surroundings }: Surface, asked: Asked): Promise<Answer> {
  const order = new JsonOrder(asked.body, ['advance', 'now', 'freeze']);
  const advance = order.text('advance');
  const advanceMs = advance === undefined ? 0 : parseDuration(advance);
  if (advanceMs === undefined) order.refuse('advance', 'Write a duration such as P15D, PT2H30M or P2W.');
  const toMs = readInstant(order, 'now');
  const freeze = order.flag('freeze');
  order.finish();
  const state = await store.transact(setClock, { advanceMs: advanceMs ?? 0, toMs, freeze });
  await settleIfDue(store, surroundings);
  return clockAnswer(state);
}

/** POST of a reset: the exchange as it was in the beginning, at the machine's time or at another. */
export async function answerReset(surface: Surface, asked: Asked): Promise<Answer> {
  const order = new JsonOrder(asked.body, ['now']);
  const nowMs = readInstant(order, 'now');
  order.finish();
  const { faults, contents } = sandboxOf(surface);
  await faults.clear();
  await surface.store.transact(resetExchange, { contents, nowMs });
  return answerClock(surface);
}

/** GET of the faults that the next requests meet. */
export async function answerFaults(surface: Surface): Promise<Answer> {
  return { status: 200, body: JSON.stringify({ value: await sandboxOf(surface).faults.list() }) };
}

/** POST of a fault. */
export async function answerAddFault(surface: Surface, asked: Asked): Promise<Answer> {
  const members = ['route', 'kind', 'count', 'probability', 'seed', 'retryAfterSeconds', 'delayMs'];
  const order = new JsonOrder(asked.body, members);
  const route = order.choice('route', ['*', providerFaults, ...surface.routeNames], '*');
  const kind = order.choice('kind', faultKinds);
  const fault = {
    count: Math.trunc(order.number('count', { usual: 1, least: 1, most: 1_000_000 })),
    probability: order.number('probability', { usual: 1, least: 0, most: 1 }),
    seed: order.number('seed', { usual: 1, least: 0, most: 4_294_967_295 }),
    retryAfterSeconds: Math.trunc(order.number('retryAfterSeconds', { usual: 5, least: 0, most: 86_400 })),
    delayMs: order.number('delayMs', { usual: 1_000, least: 0, most: 60_000 }),
  };
  order.finish();
  if (route !== undefined && kind !== undefined) await sandboxOf(surface).faults.add({ route, kind, ...fault });
  return answerFaults(surface);
}

/** DELETE of all faults. */
export async function answerClearFaults(surface: Surface): Promise<Answer> {
  await sandboxOf(surface).faults.clear();
  return answerFaults(surface);
}

/** The sandbox; its routes are there only where there is one. */
export function sandboxOf({ sandbox }: Surface): Sandbox {
  if (sandbox === undefined) throw new Error('a route of the sandbox is served without one');
  return sandbox;
}

function readInstant(order: JsonOrder, name: string): number | undefined {
  const text = order.text(name);
  if (text === undefined) return undefined;
  const instant = parseInstant(text);
  if (instant === undefined) order.refuse(name, 'Write a date such as 2025-03-05T00:00:00Z.');
  return instant === undefined
    ? undefined
    : instant.seconds * 1000 + Number(instant.fraction.slice(0, 3).padEnd(3, '0'));
}

function clockAnswer({ nowMs, isFrozen, offsetMs }: { nowMs: number; isFrozen: boolean; offsetMs: number }): Answer {
  const now = new Date(nowMs).toISOString();
  return { status: 200, body: JSON.stringify({ now, isFrozen, offsetSeconds: Math.round(offsetMs / 1000) }) };
}
