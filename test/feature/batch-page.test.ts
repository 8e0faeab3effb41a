import { afterAll, beforeAll, expect, it } from 'vitest';
import { readText } from '../guard/source-files.ts';
import { sendBatch } from '../support/batches.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { writingAs } from '../support/writing.ts';

interface Told {
  readonly responses: readonly {
    readonly id: string;
    readonly status: number;
    readonly headers: object;
    readonly body: object;
  }[];
}

describeOnEachEngine('the page on batches', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());

  it('has an example that is answered as it says', async () => {
    const [request = '', answer = ''] = [...readText('docs/batch.md').matchAll(/```json\n([\s\S]*?)```/g)].map(
      ([, block = '']) => block,
    );
    const { responses } = JSON.parse(answer) as Told;
    const answers = await sendBatch(writingAs(server, users.admin), request);
    expect(answers.map(({ id, status }) => [id, status])).toEqual(responses.map(({ id, status }) => [id, status]));
    for (const [at, { headers, body }] of responses.entries()) {
      expect(answers[at]?.json()).toMatchObject(body);
      expect(Object.keys(answers[at]?.headers ?? {})).toEqual(expect.arrayContaining(Object.keys(headers)));
    }
    const [own, microsofts] = answers.map((one) => one.json());
    expect(microsofts).toMatchObject({ engagementId: own?.engagementId, name: own?.name, organizationId: 'msft' });
    expect(answers[0]?.text).toContain('"dealValue":50000.25');
  });
});
