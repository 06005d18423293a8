import { containers } from '../../contracts/agent.ts';

/** Two containers of a task, of which one waits for the other. */
export const taskContainers = [
  { name: containers.ssh, image: 'ssh:1', essential: true, stopTimeout: 10 },
  {
    name: containers.ready,
    image: 'ssh:1',
    essential: false,
    dependsOn: [{ containerName: containers.ssh, condition: 'START' as const }],
  },
];
