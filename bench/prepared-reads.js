/**
 * What PostgreSQL gives through the driver alone: the statement of our server, prepared, through a pool of the same size,
 * without HTTP. Run as a program of its own, it reads orders from standard input, one a line, and prints how many reads
 * a second there were and what one cost.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { connections } from './load-generator.js';
import { environmentWith, startProcess, stopProcess } from './processes.js';

const program = fileURLToPath(import.meta.url);

/** Connections of our server's pool. */
const poolSize = 10;

const statement = {
  name: 'find_referral',
  text: `select place, document, links_offset as "linksOffset", byte_length as "byteLength", etag as "eTag",
    engagement_id as "engagementId", mpn_id as "mpnId", is_marketplace_lead as "isMarketplaceLead", due_at as "dueAt"
    from cosell_find_referrals($1, $2)`,
};

/**
 * Starts the program.
 *
 * @param {{ databaseUrl: string, organizationId: string, idsFile: string }} data
 */
export function startPreparedReads({ databaseUrl, organizationId, idsFile }) {
  const child = startProcess(process.execPath, [program, organizationId, idsFile], {
    env: { ...environmentWith(), DATABASE_URL: databaseUrl },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('both are pipes');
  return {
    /**
     * Reads for some seconds.
     *
     * @param {number} seconds
     * @returns {Promise<{ readsPerSecond: number, microseconds: number }>} with the processor time of one read
     */
    async measure(seconds) {
      stdin.write(`${seconds}\n`);
      const [line] = await once(stdout, 'data');
      return JSON.parse(String(line));
    },
    stop: () => stopProcess(child),
  };
}

/**
 * @param {string} databaseUrl
 * @param {string} organizationId
 * @param {readonly string[]} ids
 */
async function serve(databaseUrl, organizationId, ids) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: poolSize, pipeline: true });
  for await (const line of createInterface({ input: process.stdin })) {
    const startedAt = performance.now();
    const endsAt = startedAt + Number(line) * 1_000;
    const before = process.cpuUsage();
    let reads = 0;
    const reader = async () => {
      while (performance.now() < endsAt) {
        const id = ids[Math.floor(Math.random() * ids.length)];
        const { rows } = await pool.query({ ...statement, values: [[organizationId], [id]] });
        if (rows.length !== 1) throw new Error(`referral ${id} is not there`);
        reads += 1;
      }
    };
    await Promise.all(Array.from({ length: connections }, reader));
    const { user, system } = process.cpuUsage(before);
    const readsPerSecond = (reads * 1_000) / (performance.now() - startedAt);
    process.stdout.write(`${JSON.stringify({ readsPerSecond, microseconds: (user + system) / reads })}\n`);
  }
  await pool.end();
}

if (process.argv[1] === program) {
  const [organizationId = '', idsFile = ''] = process.argv.slice(2);
  await serve(process.env.DATABASE_URL ?? '', organizationId, readFileSync(idsFile, 'utf8').trim().split('\n'));
}
