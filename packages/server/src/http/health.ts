import { timingSafeEqual } from 'node:crypto';
import { failure, modelVersion } from '@cosell/model';
import { isLoopback } from '../config.ts';
import type { Answer, Asked, Surface } from './route.ts';

/** The process runs. */
export function answerLive(): Answer {
  return { status: 200, body: JSON.stringify({ status: 'live' }) };
}

/**
 * The process can answer: its database does. After an unclean stop it also says what the check of the file has found.
 *
 * @throws Failure `storeUnavailable`, `storeDamaged`
 */
export async function answerReady({ store, version, checkState }: Surface): Promise<Answer> {
  try {
    await store.ping();
  } catch (cause) {
    throw failure('storeUnavailable', {}, { cause });
  }
  const check = await checkState();
  if (check === 'failed') throw failure('storeDamaged');
  const body = { status: 'ready', version, schema: store.schemaNumber, model: modelVersion, check };
  return { status: 200, body: JSON.stringify(body) };
}

/**
 * Metrics in Prometheus' form, for this machine or for whoever has METRICS_TOKEN.
 *
 * @throws Failure `metricsNotAllowed`
 */
export async function answerMetrics({ config, metrics }: Surface, asked: Asked): Promise<Answer> {
  if (!isLocal(asked) && !isBearer(asked, config.metricsToken)) throw failure('metricsNotAllowed');
  return { status: 200, mediaType: metrics.contentType, body: await metrics.text() };
}

/** A request that a proxy on this machine passes on comes from elsewhere. */
function isLocal({ remoteAddress = '', header }: Asked): boolean {
  const address = remoteAddress.replace(/^::ffff:/, '');
  return isLoopback(address) && header('x-forwarded-for') === undefined && header('forwarded') === undefined;
}

function isBearer({ header }: Asked, token: string | undefined): boolean {
  const given = Buffer.from(header('authorization') ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return token !== undefined && given.length === wanted.length && timingSafeEqual(given, wanted);
}
