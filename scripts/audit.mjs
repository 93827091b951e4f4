// Known vulnerabilities of production dependencies: fails on severity high and above. Where the registry does not answer
// the question, it says so and does not fail: a mirror need not know advisories, and a build without network is no breach.
//   node scripts/audit.mjs [directory] [further arguments of npm audit]
import { spawnSync } from 'node:child_process';

const [directory = new URL('../', import.meta.url).pathname, ...more] = process.argv.slice(2);
const { stdout, stderr } = spawnSync('npm', ['audit', '--omit=dev', '--audit-level=high', '--json', ...more], {
  cwd: directory,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
const report = parsed(stdout);
const found = report?.metadata?.vulnerabilities;

if (!found) {
  const reason = report?.error?.summary || report?.message || stderr.trim().split('\n').at(-1) || 'no answer';
  process.stderr.write(`\n*** NOT AUDITED: the registry gives no advisories (${reason}).\n`);
  process.stderr.write('*** Run `npm run audit` where it does before a release.\n\n');
} else {
  const severe = Object.values(report.vulnerabilities).filter(({ severity }) => /^(high|critical)$/.test(severity));
  process.stdout.write(`audit: ${found.total} known vulnerabilities, ${severe.length} high or critical\n`);
  for (const { name, severity, range, via } of severe) {
    const titles = via.map((each) => (typeof each === 'string' ? `by way of ${each}` : `${each.title} ${each.url}`));
    process.stderr.write(`  ${severity}: ${name} ${range}: ${titles.join('; ')}\n`);
  }
  if (severe.length > 0) process.exitCode = 1;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
