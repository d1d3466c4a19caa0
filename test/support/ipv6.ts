import { networkInterfaces } from 'node:os';

/** Whether this machine has the loopback address of IPv6. If not, says that the tests that need it are skipped. */
export const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
if (!hasIpv6) console.warn('SKIPPED: tests that listen on ::1: this machine does not have the address');
