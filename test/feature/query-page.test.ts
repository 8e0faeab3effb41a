import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readText } from '../guard/source-files.ts';
import { repository } from '../support/cosell-process.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { users } from '../support/sample.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';

const page = 'docs/query.md';

/** A question of the page: its title, the request, and the answer that is shown. */
interface Question {
  readonly title: string;
  readonly request: string;
  readonly answer: string | undefined;
}

const questions: readonly Question[] = readText(page)
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    title: section.split('\n')[0] ?? '',
    request: /```http\n([\s\S]*?)\n```/.exec(section)?.[1] ?? '',
    answer: /```(?:json|text)\n([\s\S]*?)\n```/.exec(section)?.[1],
  }));

/** Sends a request as it is printed: a line, headers, and behind an empty line a body. */
function send(server: TestServer, request: string): Promise<WireAnswer> {
  const [head = '', body] = request.split('\n\n');
  const [line = '', ...lines] = head.split('\n');
  const [, method = '', url = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
  const headers = Object.fromEntries(lines.map((header) => header.split(/: (.*)/)));
  const asking = body === undefined ? { method, headers } : { method, headers, body };
  return server.askAs(users.admin, url.replaceAll(' ', '%20').replaceAll('"', '%22'), asking);
}

/** An answer as the page shows it: from the usual address, with what is random left out. */
function shown(server: TestServer, { text, headers }: WireAnswer): string {
  const plain = text
    .replaceAll(server.origin, 'http://127.0.0.1:7300')
    .replaceAll(/(\$(?:skip|delta)token)=[\w.~-]+/g, '$1=…')
    .replaceAll(/"(request-id|timestamp)":"[^"]*"/g, '"$1":"…"');
  return headers['content-type']?.includes('json') === true ? pretty(JSON.parse(plain), '') : plain;
}

/** JSON as a person would write it: what fits into a line stands in one. */
function pretty(value: unknown, indent: string): string {
  const flat = JSON.stringify(value, undefined, 1).replaceAll(/\s*\n\s*/g, ' ');
  if (indent.length + flat.length <= 110 || typeof value !== 'object' || value === null) return flat;
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const parts = Array.isArray(value)
    ? value.map((item) => pretty(item, inner))
    : Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${pretty(member, inner)}`);
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
}

it('asks twenty questions', () => {
  expect(questions.map(({ title }) => Number.parseInt(title, 10))).toEqual(
    Array.from({ length: 20 }, (_, at) => at + 1),
  );
});

describeOnEachEngine(page, (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());

  describe('shows what is answered to', () => {
    it.each(questions.map((question) => [question.title, question] as const))(
      '%s',
      async (_title, { request, answer }) => {
        const told = shown(server, await send(server, request));
        if (process.env.UPDATE_PAGES === '1') show(request, told);
        else expect(told).toBe(answer);
      },
    );
  });
});

/** Puts an answer behind its request. */
function show(request: string, answer: string): void {
  const text = readText(page);
  const before = `\`\`\`http\n${request}\n\`\`\`\n`;
  const at = text.indexOf(before) + before.length;
  const rest = text.slice(at).replace(/^\n```(?:json|text)\n[\s\S]*?\n```\n/, '');
  const language = answer.startsWith('{') ? 'json' : 'text';
  writeFileSync(join(repository, page), `${text.slice(0, at)}\n\`\`\`${language}\n${answer}\n\`\`\`\n${rest}`);
}
