/** The package comes without types. */
declare module "cluster-key-slot" {
  /** Returns the cluster slot of a key. */
  export default function calculateSlot(key: string): number;
}
