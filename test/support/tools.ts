import { spawnSync } from 'node:child_process';

/** A program of Debian that some tests need, and a call of it that succeeds where it works. */
const probes = {
  glewlwyd: ['glewlwyd', '--version'],
  strace: ['strace', '-f', '-o', '/dev/null', 'true'],
  prlimit: ['prlimit', '--fsize=1000000:', 'true'],
  chromium: ['chromium', '--version'],
  setpriv: ['setpriv', '--bounding-set', '-dac_override', 'true'],
} as const;

/**
 * Whether a program is there and may do its work. Where not, one line says what is left out; REQUIRE_TOOLS=1 makes that
 * a failure.
 */
export function hasTool(tool: keyof typeof probes, what: string): boolean {
  const [program, ...args] = probes[tool];
  if (spawnSync(program, args).status === 0) return true;
  const line = `skipped: ${what}; ${tool} is missing or may not do its work`;
  if (process.env.REQUIRE_TOOLS === '1') throw new Error(line);
  console.log(line);
  return false;
}

/** Where a program is that the PATH leads to. */
export function pathOfTool(tool: keyof typeof probes): string {
  return spawnSync('sh', ['-c', `command -v ${tool}`])
    .stdout.toString()
    .trim();
}
