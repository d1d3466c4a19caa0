/**
 * Words that cannot identify anybody: those of field names, error codes, states and documented messages of
 * the APIs. A text of a response is saved only as far as it consists of them. Do not add words that a
 * customer could give to a stream, such as words for places, persons or programs.
 */
const words = `
  a an and any api are as at be because been begin by can cannot does due each end error exceed exceeds failed failure
  for from has have in internal invalid is it its json limit limits list may missing more must no not null number of off
  ok on one only or other out over please request requests response retry same server so success successful
  successfully system than that the then there this time times to too unknown value values was when with xml you your
  accepted access account acodec action active actions actively ago algorithm allow allowed api app appid application
  args arg asample async attribute audio auth authentication authorization available avg back bad band bandwidth beta
  backup bit bitrate bits block blocked body bps buffer busy byte bytes cache call called cdn center centre channel check china
  client clients cmd code codec config configuration connect connected connection connections content control controls
  core count create created css current data date day deadline delay delayed denied deny describe detail detailed details device
  diagnostic disable disabled disconnected display domain domains done down drm drop dropped duration edge empty enable
  enabled encoded encoder encoding endpoint errcode errmsg event events exception exist existed exists expire expired
  explicit fail field fields file filter flag flags flr flux forbid forbidden forbidding format found fount fps frame
  frames freeze frequency fuzzy gateway get gop grant group header height help history host hour http https icon id
  identity idc idle illegal implicit inactive incomplete incorrect index info infos information ingest input internel
  interrupt interrupted interruption interval ip isp item items key keyframe kbit kbps last late latest layer length
  level link linkage live living local log long lvb malformed manage map mapping mate max maximum mbps media message meta method metric
  min minute mismatch mode model models module monitor ms msg multi name named names network new next node nonce none
  normal notify now num off offline old oneshot online operat operate operation operations operator option order origin
  output owner page pages param parameter parameters params parse path period permission permissions permmit play
  playback player policy port post prefix principal priority pro processing product profile prohibit prolonged property
  protocol provider public publish published publisher publishing pull push pushed pushing quality query queue quota
  ram rate rates raw reach reason receive received recent recommend record recorded recording records ref region
  register registered reject rejected relay release remote replace req request required res reset resolution resource result
  results resume resumed resumption ret retcode retention return right risk role root row rows rtmp rts rtt sample
  samples scale scheme sec second seconds secret section security segment send sending sent sequence servers service
  session set sign signature signed single site size sizes slow source spec specified speed ssl stale start started
  starts stat statapi state states statistics status step stop stopped stopping storage stream streaming streams sts sub
  success such suspended sys tag template text third party throttled throttling timeout timestamp timestamps tls
  token total trace traffic trans transcode transcoded transcoding ts tx type types uid unauthorized unavailable unit
  unix unsupported update updated upload upstream url urls usage user users usr utc valid validation vcodec version vhost
  video view viewer viewers wait warning web width window write wrong yes zone
  h264 h265 hevc avc aac mp3 opus flv hls srt av1 vp8 vp9 g711 pcm webrtc quic tcp udp utf8 utf gbk charset
  html head title p div span br hr h1 h2 h3 center doctype href src style script table tr td th ul li bad gateway
  later again try gone moved permanently temporarily nginx tengine openresty squid via
  datas drm need support supported math subuser level based assumed default unordered offset first before after
  monthly daily weekday monday tuesday wednesday thursday friday saturday sunday gmt
  reach reached than actively abnormal amf exceeded size single configuration appear
`;

/** Runs of Chinese characters in documented reasons for the end of a push. */
const chinese = `
  推流客户端主动断流 客户端主动断流 收到新的推流链接顶替当前推流 收到新的推流链接顶替当前无数据的推流
  收到客户调用的断流请求 收到客户调用的禁播请求 推流的流名称处于禁播状态 系统主动断开长时间无数据的推流
  直播系统内部错误 协议内容异常 数据异常 单个帧大小超过配置允许的最大值 推流链路网络异常 第三方鉴权失败
  代理层收到断流命令 未知原因
`;

const known: ReadonlySet<string> = new Set(`${words} ${chinese}`.split(/\s+/).filter((word) => word !== ''));

/**
 * Reports whether a word consists of known words: `StreamName`, `stream_info` and `BITRATE` do. Single
 * letters count only beside other words, as in `ACodec`.
 */
export function isKnownWord(word: string): boolean {
  if (known.has(word.toLowerCase())) return true;
  const parts = word
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .split('_')
    .filter((part) => part !== '');
  const isKnownPart = (part: string) => part.length === 1 || known.has(part);
  return parts.length > 1 && parts.every(isKnownPart) && parts.some((part) => part.length > 1);
}

/** Reports whether a name consists of known words only, so that it identifies nobody. */
export function isCommonName(name: string): boolean {
  const parts = name.split(/[^\p{L}\p{N}]+/u).filter((part) => part !== '');
  return parts.length > 0 && parts.every(isKnownWord);
}
