/** A small file system of a test's own, in memory, to be filled and made read-only. */

function run(program: string, ...args: string[]): boolean {
  try {
    return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

export class Mounted implements Disposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Undefined where this user may not mount anything. */
  static tryNew(megabytes: number): Mounted | undefined {
    const folder = Deno.makeTempDirSync({ prefix: "mounted-" });
    if (run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder)) return new Mounted(folder);
    Deno.removeSync(folder);
    return undefined;
  }

  /** Leaves so many bytes free at most. */
  fill(leave = 0): void {
    const file = Deno.openSync(`${this.folder}/filler`, { create: true, append: true });
    const block = new Uint8Array(4_096);
    try {
      for (;;) file.writeSync(block);
    } catch {
      // That is what it is for.
    } finally {
      file.close();
    }
    const { size } = Deno.statSync(`${this.folder}/filler`);
    if (leave > 0) Deno.truncateSync(`${this.folder}/filler`, Math.max(0, size - leave));
  }

  free(): void {
    Deno.removeSync(`${this.folder}/filler`);
  }

  /** False where somebody has a file open to write. */
  readOnly(readOnly: boolean): boolean {
    return run("mount", "-o", `remount,${readOnly ? "ro" : "rw"}`, this.folder);
  }

  [Symbol.dispose](): void {
    run("umount", "-l", this.folder);
    Deno.removeSync(this.folder);
  }
}

/** Whether tests that mount are to be passed over; it takes root. */
export function mountingIsImpossible(): boolean {
  using mounted = Mounted.tryNew(1);
  if (mounted === undefined) console.log("This user may not mount a file system: those tests are ignored");
  return mounted === undefined;
}
