/**
 * Runs a model while the caller waits, for the IMITATION of runImmediate(true): ONNX Runtime Web answers promises alone, so a
 * thread of its own keeps them and the caller sleeps until it has answered.
 */

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { isMainThread, MessageChannel, receiveMessageOnPort, Worker, workerData } from 'node:worker_threads';

/** The outputs of models, one at a time. */
export class WaitingRuntime {
  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.answered = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(new URL(import.meta.url), { workerData: { port: port2, answered: this.answered }, transferList: [port2] });
    worker.unref();
    port1.unref();
  }

  /** {data, dims}: the output of the model in a file for one input of [1, 3, height, width] numbers. */
  run(file, input, dims) {
    Atomics.store(this.answered, 0, 0);
    this.port.postMessage({ file, input, dims });
    Atomics.wait(this.answered, 0, 0);
    const { output, error } = receiveMessageOnPort(this.port).message;
    if (error) throw new Error(error);
    return output;
  }
}

if (!isMainThread) {
  const ort = createRequire(import.meta.url)('onnxruntime-web');
  ort.env.wasm.numThreads = 1;
  const sessions = new Map();
  const { port, answered } = workerData;
  port.on('message', async ({ file, input, dims }) => {
    try {
      if (!sessions.has(file)) sessions.set(file, await ort.InferenceSession.create(readFileSync(file), { executionProviders: ['wasm'] }));
      const session = sessions.get(file);
      const { data, dims: shape } = (await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', input, dims) }))[session.outputNames[0]];
      port.postMessage({ output: { data, dims: shape } });
    } catch (error) {
      port.postMessage({ error: String(error) });
    }
    Atomics.store(answered, 0, 1);
    Atomics.notify(answered, 0);
  });
}
