import { Processes } from './variants/processes.ts';
import { pod } from './variants/variant.ts';
import { cpSync, writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startKafka } from '@bottle/test-servers';
import { Kafka, logLevel } from 'kafkajs';
import { execSync } from 'node:child_process';
const processes = new Processes();
process.on('exit', () => processes.killAll());
const server = await startKafka({ own: true });
const kafka = new Kafka({ brokers: server.address.split(','), logLevel: logLevel.NOTHING });
const admin = kafka.admin(); await admin.connect();
await admin.createTopics({ topics: [{ topic: 'bench-consume', numPartitions: 8 }], waitForLeaders: true });
const producer = kafka.producer(); await producer.connect();
const value = JSON.stringify({ n: 1, padding: 'x'.repeat(1004) });
const N = Number(process.env.N ?? 200000);
for (let from = 0; from < N; from += 1000) await producer.send({ topic: 'bench-consume', messages: Array.from({ length: 1000 }, (_, at) => ({ key: `key-${from + at}`, value })) });
await producer.disconnect(); await admin.disconnect();
console.log('filled');
const directory = processes.directory();
cpSync(new URL('../functions/consume', import.meta.url), directory, { recursive: true });
const without = process.env.MODE === 'batch' ? 'one' : 'many';
const m = readFileSync(join(directory, 'serverless.yml'), 'utf8').replace(new RegExp(`  ${without}:\\n(    .*\\n)+`), '');
writeFileSync(join(directory, 'serverless.yml'), m);
const config = join(directory, 'sidecar.yml');
writeFileSync(config, JSON.stringify({ resources: { mq: { bench: { driver: 'kafka', brokers: server.address.split(',') } } } }));
const running = await pod(directory, ['--config', config])(processes);
let last = 0, lastNow = 0;
for (let i = 0; i < Number(process.env.S ?? 14); i++) {
  await new Promise((r) => setTimeout(r, 500));
  const t = await fetch(`http://127.0.0.1:${running.port}/report`).then((r) => r.text(), String);
  try { const r = JSON.parse(t); console.log(r.count, Math.round((r.count - last) / (r.now - lastNow) * 1000)); last = r.count; lastNow = r.now; } catch { console.log(t); }
}
console.log(execSync('cat $(ls -td /tmp/bottle-bench-*/*.log | head -2) | cut -c1-400 | tail -20').toString());
await running.stop();
await server.stop();
process.exit();
