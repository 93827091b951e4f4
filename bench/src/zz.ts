import { cpuMicroseconds, residentBytes } from './measure/processes.ts';
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
const admin = kafka.admin();
await admin.connect();
await admin.createTopics({ topics: [{ topic: 'bench-consume', numPartitions: 8 }], waitForLeaders: true });
const producer = kafka.producer();
await producer.connect();
const item = { sku: 'SKU-20391-BLUE', name: 'Ceramic mug, blue, 300 ml', quantity: 2, price: 12.5, tags: ['kitchen', 'gift'] };
const order = { n: 1, id: '8f14e45f-ceea-467f-9e0a-3c1b6d9a2f10', customer: { id: 91827, name: 'Ada Example', email: 'ada@example.com', country: 'DE' }, currency: 'EUR', placedAt: '2026-01-15T09:30:00.000Z', items: [item, item, item, item, item], paid: true, note: '' };
order.note = 'x'.repeat(1_024 - JSON.stringify(order).length);
const value = JSON.stringify(order);
void 0;
const N = Number(process.env.N ?? 200000);
for (let from = 0; from < N; from += 1000)
  await producer.send({
    topic: 'bench-consume',
    messages: Array.from({ length: 1000 }, (_, at) => ({ key: `key-${from + at}`, value })),
  });
await producer.disconnect();
await admin.disconnect();
console.log('filled');
const directory = processes.directory();
cpSync(new URL('../functions/consume', import.meta.url), directory, { recursive: true });
const without = process.env.MODE === 'batch' ? 'one' : 'many';
const m = readFileSync(join(directory, 'serverless.yml'), 'utf8').replace(
  new RegExp(`  ${without}:\\n(    .*\\n)+`),
  '',
);
writeFileSync(join(directory, 'serverless.yml'), m);
const config = join(directory, 'sidecar.yml');
writeFileSync(
  config,
  JSON.stringify({ resources: { mq: { bench: { driver: 'kafka', brokers: server.address.split(',') } } } }),
);
if (process.env.PROF) process.env.NODE_OPTIONS = '--cpu-prof --cpu-prof-dir=/tmp/mqprof';
const running = await pod(directory, ['--config', config, '--drain-propagation-ms', '0'])(processes);
let last = 0, lastNow = 0;
const sys = () => { const f = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1).map(Number); return { idle: f[3]! + f[4]!, total: f.reduce((a, b) => a + b, 0) }; };
const skip = Number(process.env.SKIP ?? 100000); let from: any;
for (let i = 0; i < Number(process.env.S ?? 14); i++) {
  await new Promise((r) => setTimeout(r, 500));
  const t = await fetch(`http://127.0.0.1:${running.port}/report`).then((r) => r.text(), String);
  try { const r = JSON.parse(t); const cpu = running.pids.map((p) => cpuMicroseconds([p]));
    if (r.count >= skip && !from) from = { count: r.count, now: r.now, cpu, sys: sys() };
    else if (from && (r.count === N || i === Number(process.env.S) - 1)) {
      const n = r.count - from.count; console.log(`RESULT ${n} msgs, ${Math.round(n / ((r.count === N ? r.lastAt : r.now) - from.now) * 1000)}/s, cpu/msg sidecar ${((cpu[0]! - from.cpu[0]) / n).toFixed(1)} runtime ${((cpu[1]! - from.cpu[1]) / n).toFixed(1)} sysidle ${(100 * (sys().idle - from.sys.idle) / (sys().total - from.sys.total)).toFixed(0)}% rss ${running.pids.map((p) => Math.round(residentBytes(p) / 2 ** 20))}`); break; }
    if (process.env.V) console.log(r.count, Math.round((r.count - last) / (r.now - lastNow) * 1000)); last = r.count; lastNow = r.now; } catch (e) { if (process.env.V) console.log(t); }
}
if (!process.env.PROF) { await running.stop(); await server.stop(); process.exit(); }
console.log(execSync('cat $(ls -td /tmp/bottle-bench-*/*.log | head -2) | cut -c1-400 | tail -20').toString());
for (const pid of running.pids) process.kill(pid, 'SIGTERM');
await new Promise((r) => setTimeout(r, 20000));
await running.stop();
await server.stop();
process.exit();
