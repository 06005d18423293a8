import { containers } from '../../contracts/agent.ts';

/** Two of those that the stack defines, as far as it matters here. */
export const taskContainers = [
  { name: containers.ssh, image: 'ssh:1', essential: true, stopTimeout: 10 },
  {
    name: containers.ready,
    image: 'ssh:1',
    essential: false,
    dependsOn: [{ containerName: containers.ssh, condition: 'START' as const }],
  },
];
