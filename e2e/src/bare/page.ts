/**
 * The least that a page can do to see somebody: a socket, a device, two transports. `?publish` sends at once and waits
 * for nobody (the provider); otherwise a click joins (the patient). The camera is open before the click, as it is after
 * a device check.
 */
import { Device, type types } from 'mediasoup-client';
import type { BareAnswer, BareRequests, BareRequestType } from './messages.ts';

const mark = (name: string): void => void performance.mark(`join:${name}`);

const openSocket = async () => {
  const socket = new WebSocket(`ws://${location.host}/`);
  const waiting = new Map<number, (result: unknown) => void>();
  let lastId = 0;
  socket.onmessage = ({ data }) => {
    const answer = JSON.parse(String(data)) as BareAnswer;
    waiting.get(answer.id)?.(answer.result);
    waiting.delete(answer.id);
  };
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  return <Type extends BareRequestType>(
    type: Type,
    params: BareRequests[Type]['params'],
  ): Promise<BareRequests[Type]['result']> => {
    const id = ++lastId;
    socket.send(JSON.stringify({ id, type, params }));
    return new Promise((resolve) => waiting.set(id, (result) => resolve(result as BareRequests[Type]['result'])));
  };
};
type Ask = Awaited<ReturnType<typeof openSocket>>;

const connectBy = (ask: Ask, transport: types.Transport): void => {
  transport.on('connect', ({ dtlsParameters }, done, fail) => {
    ask('connect', { transportId: transport.id, dtlsParameters }).then(() => done(), fail);
  });
  transport.on('produce', ({ kind, rtpParameters }, done, fail) => {
    ask('produce', { kind, rtpParameters }).then(done, fail);
  });
};

const publish = async (transport: types.Transport, camera: MediaStream): Promise<void> => {
  const [audio] = camera.getAudioTracks();
  const [video] = camera.getVideoTracks();
  const encodings = [
    { scaleResolutionDownBy: 4, maxBitrate: 150_000 },
    { scaleResolutionDownBy: 1, maxBitrate: 900_000 },
  ];
  await Promise.all([
    audio && transport.produce({ track: audio, stopTracks: false }),
    video && transport.produce({ track: video, encodings, stopTracks: false }),
  ]);
};

const join = async (camera: MediaStream): Promise<void> => {
  const ask = await openSocket();
  const routerRtpCapabilities = await ask('capabilities', {});
  mark('router capabilities');
  const device = new Device();
  await device.load({ routerRtpCapabilities });
  mark('device loaded');
  const offer = await ask('join', { rtpCapabilities: device.recvRtpCapabilities });
  mark('transports offered');
  const receive = device.createRecvTransport(offer.receive);
  const send = device.createSendTransport(offer.send);
  connectBy(ask, receive);
  connectBy(ask, send);
  const see = async (): Promise<void> => {
    if (offer.consumers.length === 0) return;
    const consumers = await Promise.all(offer.consumers.map((consumer) => receive.consume(consumer)));
    mark('consumers made');
    const video = document.querySelector('video');
    if (video !== null) video.srcObject = new MediaStream(consumers.map(({ track }) => track));
    await ask('resume', { consumerIds: consumers.map(({ id }) => id) });
    mark('consumers resumed');
  };
  await Promise.all([see(), publish(send, camera)]);
  document.title = 'in';
};

const camera = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 360 } });
if (location.search === '?publish') await join(camera);
else {
  document.querySelector('button')?.addEventListener('click', () => void join(camera));
  document.title = 'ready';
}
