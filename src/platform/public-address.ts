import { BlockList, isIP } from 'node:net';

/** IPv4 networks that are not the public internet: private, loopback, link-local, shared, reserved, multicast, documentation. */
const notPublicV4: readonly (readonly [network: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** Within 2000::/3, the only block that is public: tunnels that hide an IPv4 address, and documentation. */
const notPublicV6: readonly (readonly [network: string, bits: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const blockedV4 = toList(notPublicV4, 'ipv4');
const blockedV6 = toList(notPublicV6, 'ipv6');
const globalV6 = toList([['2000::', 3]], 'ipv6');

/**
 * Whether an address is one of the public internet. What is not known to be public is not: loopback, private and link-local networks, IPv4
 * addresses inside IPv6 ones in every spelling, and addresses with a zone.
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !blockedV4.check(address, 'ipv4');
  if (family !== 6 || address.includes('%')) return false;
  return globalV6.check(address, 'ipv6') && !blockedV6.check(address, 'ipv6');
}

/** Networks that an operator trusts, out of `10.1.0.0/16, fd00::/8, 127.0.0.1`. Null: one of them is not a network. */
export function parseNetworks(text: string): BlockList | null {
  const list = new BlockList();
  for (const item of text.split(',').map((part) => part.trim())) {
    if (item === '') continue;
    const [network = '', bits, ...rest] = item.split('/');
    const family = isIP(network);
    const most = family === 4 ? 32 : 128;
    if (family === 0 || rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits)) || Number(bits ?? 0) > most) return null;
    list.addSubnet(network, bits === undefined ? most : Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** Whether the address lies in one of these networks. */
export function isAddressIn(networks: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !address.includes('%') && networks.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function toList(networks: readonly (readonly [network: string, bits: number])[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [network, bits] of networks) list.addSubnet(network, bits, family);
  return list;
}
