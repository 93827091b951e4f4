import { BlockList, isIP } from 'node:net';

/** Addresses that are not on the public Internet (IANA's special-purpose registries). */
const RESERVED = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '::1/128',
  '64:ff9b:1::/48',
  '100::/64',
  '2001:db8::/32',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
] as const;

const reserved = blockListOf(RESERVED);
/** IPv6 addresses that stand for an IPv4 address: mapped, compatible, translated (NAT64), 6to4. */
const EMBEDDING = [
  { block: blockListOf(['::ffff:0:0/96', '::ffff:0:0:0/96', '::/96', '64:ff9b::/96']), fromGroup: 6 },
  { block: blockListOf(['2002::/16']), fromGroup: 1 },
] as const;
const teredo = blockListOf(['2001::/32']);

/** Whether an IP address is private, loopback, link-local, unique-local, or otherwise not public, in whatever form. */
export function isPrivateAddress(address: string): boolean {
  const [bare = ''] = address.split('%');
  const family = isIP(bare);
  if (family === 0) return false;
  if (family === 4) return reserved.check(bare, 'ipv4');
  if (reserved.check(bare, 'ipv6') || teredo.check(bare, 'ipv6')) return true;
  const embedding = EMBEDDING.find(({ block }) => block.check(bare, 'ipv6'));
  return embedding !== undefined && reserved.check(embeddedIpv4(bare, embedding.fromGroup), 'ipv4');
}

function embeddedIpv4(address: string, fromGroup: number): string {
  const groups = groupsOf(address);
  const [high = 0, low = 0] = [groups[fromGroup], groups[fromGroup + 1]];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight numbers of an IPv6 address; the URL parser writes them in their shortest form. */
function groupsOf(address: string): number[] {
  const shortest = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = shortest.split('::');
  const numbers = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return numbers(head);
  const [before, after] = [numbers(head), numbers(tail)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function blockListOf(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', bits = ''] = subnet.split('/');
    list.addSubnet(network, Number(bits), isIP(network) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
