/**
 * The load generator for writes. wrk cannot send bodies that differ, but by Lua for each request. Run as a program of
 * its own, it reads a plan from its argument and prints what it has seen.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { KeepAliveConnection } from './keep-alive.js';
import { Refusal } from './options.js';
import { costOf } from './process-cost.js';
import { percentile, seededRandom } from './statistics.js';
import { acceptBody, creationBodies, invitationBodies, patchBody } from './write-bodies.js';

/**
 * What is to be written, and how.
 *
 * @typedef {object} Plan
 * @property {string} origin
 * @property {string} path the collection, ending in a slash
 * @property {'create' | 'patch' | 'coSell'} task
 * @property {number} connections
 * @property {number} seconds
 * @property {number} seed
 * @property {readonly string[]} tokens the connections take them in turns
 * @property {string} [idsFile] for `patch`: ids of referrals that may be changed, one a line
 * @property {string} [dealsFile] `create` writes shared deals there, and `coSell` connects Microsoft to them
 * @property {string} [microsoftToken] for `coSell`: who accepts
 */

/**
 * What a measurement of writes has shown.
 *
 * @typedef {import('./load-generator.js').Figures & { writes: number, generator: number }} WriteFigures how many were
 * acknowledged, and how many processors the load generator kept busy
 */

const program = fileURLToPath(import.meta.url);

/**
 * Sends writes to a server for some seconds and counts what was acknowledged. Every answer must be a 200 or 204.
 *
 * @param {number} pid of the server
 * @param {Plan} plan
 * @returns {Promise<WriteFigures>}
 */
export async function loadWrites(pid, plan) {
  const args = [program, JSON.stringify(plan)];
  const { output, processorSeconds, cycles } = await costOf(pid, process.execPath, args);
  const seen = JSON.parse(output);
  if (seen.problem !== undefined) throw new Refusal(`A run with errors does not count: ${seen.problem}`);
  const isKnown = processorSeconds !== undefined;
  return {
    writes: seen.writes,
    requestsPerSecond: seen.writes / seen.seconds,
    p50Ms: seen.p50Ms,
    p99Ms: seen.p99Ms,
    processors: isKnown ? processorSeconds / seen.seconds : undefined,
    microseconds: isKnown ? (processorSeconds * 1e6) / seen.writes : undefined,
    cycles: cycles === undefined ? undefined : cycles / seen.writes,
    generator: seen.processorSeconds / seen.seconds,
  };
}

/**
 * One connection at work: each call does one write. It gives what is kept of the answer, or undefined when there is
 * nothing left to do.
 *
 * @typedef {() => Promise<void | 'done'>} Step
 */

/** @param {Plan} plan */
async function work(plan) {
  const connections = [];
  for (let index = 0; index < plan.connections; index += 1)
    connections.push(await KeepAliveConnection.open(plan.origin));
  /** @type {string[][]} */
  const deals = connections.map(() => []);
  const steps = connections.map((connection, index) => stepOf(plan, connection, index, deals[index] ?? []));
  /** @type {number[]} */
  const times = [];
  const processorBefore = process.cpuUsage();
  const startedAt = performance.now();
  let endsAt = startedAt + plan.seconds * 1_000;
  await Promise.all(
    steps.map(async (step) => {
      for (let from = performance.now(); from < endsAt; ) {
        // Whoever runs out of work first ends the measurement for all, so that all of it has all connections.
        if ((await step()) === 'done') endsAt = Math.min(endsAt, performance.now());
        else times.push(performance.now() - from);
        from = performance.now();
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(processorBefore);
  for (const connection of connections) connection.close();
  if (plan.task === 'create' && plan.dealsFile !== undefined) writeFileSync(plan.dealsFile, JSON.stringify(deals));
  times.sort((a, b) => a - b);
  return {
    writes: times.length,
    seconds,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    processorSeconds: (user + system) / 1e6,
  };
}

/**
 * @param {Plan} plan
 * @param {KeepAliveConnection} connection
 * @param {number} index
 * @param {string[]} deals engagements that this connection has made
 * @returns {Step}
 */
function stepOf(plan, connection, index, deals) {
  const random = seededRandom(plan.seed * 1_000 + index);
  const token = plan.tokens[index % plan.tokens.length] ?? '';
  const heads = headsOf(plan, token);
  const seed = plan.seed * 100 + index;
  if (plan.task === 'patch') {
    const ids = readFileSync(plan.idsFile ?? '', 'utf8')
      .trimEnd()
      .split('\n');
    return async () => {
      const id = ids[random(ids.length)] ?? '';
      await write(connection, heads.patch(id), patchBody.before + random(2 ** 31) + patchBody.after);
    };
  }
  if (plan.task === 'coSell') return coSellStep(plan, connection, { heads, index, seed });
  const keepsDeals = plan.dealsFile !== undefined;
  const bodies = creationBodies(seed, keepsDeals ? 'Shared' : 'Independent');
  return async () => {
    const { before, after } = bodies[random(bodies.length)] ?? patchBody;
    const answer = await write(connection, heads.post, `${before}Deal ${random(2 ** 31)}${after}`);
    if (keepsDeals) deals.push(memberOf(answer, 'engagementId'));
  };
}

/**
 * Connects Microsoft to a deal, and accepts in its place, in turns.
 *
 * @param {Plan} plan
 * @param {KeepAliveConnection} connection
 * @param {{ heads: ReturnType<typeof headsOf>, index: number, seed: number }} own
 * @returns {Step}
 */
function coSellStep(plan, connection, { heads, index, seed }) {
  const engagements = /** @type {string[][]} */ (JSON.parse(readFileSync(plan.dealsFile ?? '', 'utf8')))[index] ?? [];
  const microsoft = headsOf(plan, plan.microsoftToken ?? '');
  const bodies = invitationBodies(seed);
  const random = seededRandom(seed);
  /** @type {string | undefined} */
  let invited;
  return async () => {
    if (invited !== undefined) {
      await write(connection, microsoft.patch(invited), acceptBody);
      invited = undefined;
      return;
    }
    const engagementId = engagements.pop();
    if (engagementId === undefined) return 'done';
    const { before, after } = bodies[random(bodies.length)] ?? patchBody;
    invited = memberOf(await write(connection, heads.post, before + engagementId + after), 'id');
  };
}

/**
 * @param {Plan} plan
 * @param {string} token
 */
function headsOf({ origin, path }, token) {
  const rest = `HTTP/1.1\r\nHost: ${new URL(origin).host}\r\nAuthorization: Bearer ${token}\r\n`;
  return {
    post: `POST ${path.slice(0, -1)} ${rest}Content-Type: application/json\r\n`,
    patch: (/** @type {string} */ id) => `PATCH ${path}${id} ${rest}Content-Type: application/json-patch+json\r\n`,
  };
}

/**
 * @param {KeepAliveConnection} connection
 * @param {string} head
 * @param {string} body
 */
async function write(connection, head, body) {
  const answer = await connection.ask(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
  if (answer.status === 200 || answer.status === 204) return answer.body;
  throw new Error(`${head.split(' ', 1)} was answered by ${answer.status} ${answer.body.slice(0, 1_000)}`);
}

/**
 * @param {string} body
 * @param {string} name
 */
function memberOf(body, name) {
  return new RegExp(`"${name}":"([^"]*)"`).exec(body)?.[1] ?? '';
}

if (process.argv[1] === program && process.argv[2] !== undefined) {
  const seen = await work(JSON.parse(process.argv[2])).catch((error) => ({ problem: error.message }));
  process.stdout.write(JSON.stringify(seen));
  process.exit();
}
