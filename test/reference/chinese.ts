/*
 * Chinese texts of the reference pages, by their English ones: a text that changes in the code has no translation
 * until somebody translates it again. A test rejects translations that are no longer used.
 */

/** Translations of types. Ranges of durations have no entry, see `chineseType`. */
const types: Readonly<Record<string, string>> = {
  'name of an environment variable': '环境变量名',
  'path of a file': '文件路径',
  'http or https URL': 'http 或 https URL',
  'time zone without daylight saving time': '没有夏令时的时区',
  'http or https URL without path': '不带路径的 http 或 https URL',
  'requests per second': '每秒请求数',
  'frames per second': '每秒帧数',
  'bit rate from 1bit to 10Gbit': '码率，1bit 到 10Gbit',
  'days of the week': '星期几',
  'time of day from 00:00 to 23:59': '时刻，00:00 到 23:59',
  'time of day from 00:00 to 24:00': '时刻，00:00 到 24:00',
  'time zone': '时区',
  'host name': '主机名',
  'regular expression of at most 1000 characters': '正则表达式，最多 1000 个字符',
  'bcrypt hash with a cost from 4 to 18': 'cost 为 4 到 18 的 bcrypt 哈希',
  duration: '时长',
};

/** Translations of sentences. */
const sentences: Readonly<Record<string, string>> = {
  'Credentials and limits at the providers.': '云厂商的账号、凭证和频率限额。',
  'Name of the account, which you choose.': '账号名称，由你自定。',
  'It is the value of the label "account".': '它是标签“account”的值。',
  'Company that offers the API.': '提供该 API 的公司。',
  'The other keys depend on it.': '其他配置项取决于它。',
  'Environment variable with the URL of a proxy.': '保存代理 URL 的环境变量。',
  'Empty: HTTPS_PROXY, HTTP_PROXY and NO_PROXY apply.': '为空时使用 HTTPS_PROXY、HTTP_PROXY 和 NO_PROXY。',
  'Access to the statistics API with the operation Get_LivePushStatHistory, which Tencent Cloud enables by ticket.':
    '统计接口 Get_LivePushStatHistory 的访问方式，腾讯云通过工单开通。',
  'An account has either statcgi or api3.': '每个账号只能有 statcgi 或 api3 之一。',
  'APPID of the account.': '账号的 APPID。',
  'The API calls this number cmd.': '该 API 称之为 cmd。',
  'Environment variable with the key of the API.': '保存该 API 密钥的环境变量。',
  'One of the two is required.': '两者必须有一个。',
  'File with the key of the API, absolute or relative to this config.':
    '保存该 API 密钥的文件，绝对路径，或相对于本配置文件的路径。',
  'URL of the API.': 'API 的 URL。',
  'Time zone of times that the API returns without a zone, without daylight saving time.':
    'API 返回不带时区的时间时所用的时区，不能有夏令时。',
  'Access to API 3.0 (live, version 2018-08-01).': 'API 3.0（live，版本 2018-08-01）的访问方式。',
  'An account has either api3 or statcgi.': '每个账号只能有 api3 或 statcgi 之一。',
  'Site of the account: china (cloud.tencent.com) or international (tencentcloud.com).':
    '账号所属站点：china（cloud.tencent.com，国内站）或 international（tencentcloud.com，国际站）。',
  'Environment variable with the SecretId.': '保存 SecretId 的环境变量。',
  'One of the two is required if credentials.from is static.':
    'credentials.from 为 static 时，两者必须有一个。',
  'File with the SecretId, absolute or relative to this config.':
    '保存 SecretId 的文件，绝对路径，或相对于本配置文件的路径。',
  'Environment variable with the SecretKey.': '保存 SecretKey 的环境变量。',
  'File with the SecretKey, absolute or relative to this config.':
    '保存 SecretKey 的文件，绝对路径，或相对于本配置文件的路径。',
  'Environment variable with the token of temporary credentials.': '保存临时凭证令牌的环境变量。',
  'Neither is required.': '两者都可以不写。',
  'File with the token of temporary credentials, absolute or relative to this config.':
    '保存临时凭证令牌的文件，绝对路径，或相对于本配置文件的路径。',
  'Source of the credentials.': '凭证的来源。',
  'static: the keys above; env: TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY, TENCENTCLOUD_SESSION_TOKEN; otherwise a source of the library tencentcloud-sdk-nodejs-common.':
    'static：上面的配置项；env：TENCENTCLOUD_SECRET_ID、TENCENTCLOUD_SECRET_KEY、TENCENTCLOUD_SESSION_TOKEN；其余为 tencentcloud-sdk-nodejs-common 库的凭证来源。',
  'Default: the URL of the site.': '默认为所属站点的 URL。',
  'Maximum number of requests per second for each operation (API method), including retries.':
    '每个接口（API 方法）每秒的最大请求数，包括重试。',
  'Maximum number of requests per second.': '每秒的最大请求数。',
  'Normal time until the provider can return new data of this account.':
    '云厂商通常多久之后能返回该账号的新数据。',
  'Normal time from the measurement of a push sample until the API can return it.':
    '从推流采样点的测量时刻到 API 能够返回它，通常需要的时间。',
  'Normal time from the end of a push until the API can return it, with its reason.':
    '从推流结束到 API 能够返回该结束及其原因，通常需要的时间。',
  'Only api3 reports ends.': '只有 api3 会返回推流结束。',
  'Overrides push_stats for the streams of this account.': '为该账号的流覆盖 push_stats。',
  'Environment variable with the AccessKey ID.': '保存 AccessKey ID 的环境变量。',
  'File with the AccessKey ID, absolute or relative to this config.':
    '保存 AccessKey ID 的文件，绝对路径，或相对于本配置文件的路径。',
  'Environment variable with the AccessKey secret.': '保存 AccessKey Secret 的环境变量。',
  'File with the AccessKey secret, absolute or relative to this config.':
    '保存 AccessKey Secret 的文件，绝对路径，或相对于本配置文件的路径。',
  'static: the keys above; otherwise a source of the library @alicloud/credentials.':
    'static：上面的配置项；其余为 @alicloud/credentials 库的凭证来源。',
  'Signature of requests: v3 (ACS3-HMAC-SHA256) or v1 (HMAC-SHA1).':
    '请求的签名方式：v3（ACS3-HMAC-SHA256）或 v1（HMAC-SHA1）。',
  'Format of responses.': '响应的格式。',
  'Normal time from a control action until the API can return it.':
    '从管控操作发生到 API 能够返回它，通常需要的时间。',
  'Unit of the bit rates in the responses of an operation.': '接口响应中码率的单位。',
  'bit: bit/s; byte: byte/s; kbit: kbit/s.': 'bit：bit/s；byte：byte/s；kbit：kbit/s。',
  'Default: bit.': '默认为 bit。',
  'Default: byte.': '默认为 byte。',
  'Default: that of defaults.expect.': '默认为 defaults.expect 中的值。',
  'Streams whose push statistics are collected.': '需要采集推流统计的流。',
  'Name of the account that the stream belongs to.': '该流所属账号的名称。',
  'Name of the stream at the provider.': '流在云厂商处的名称。',
  'Label "domain": the push domain of the stream, or at Alibaba Cloud its main streaming domain.':
    '标签“domain”：该流的推流域名；对于阿里云，是播流域名。',
  'Required for an account with api3 or of Alibaba Cloud, which find streams by it.':
    '有 api3 的账号和阿里云账号必填，它们按域名查找流。',
  'Label "app_name": the application of the stream.': '标签“app_name”：该流的应用名。',
  'An account with api3 requests the application "live" if it is empty.':
    '为空时，有 api3 的账号请求应用“live”。',
  'Required for an account of Alibaba Cloud.': '阿里云账号必填。',
  'Expected properties of the stream.': '该流的预期属性。',
  'Frame rate to which the encoder is set.': '编码器设置的帧率。',
  'Whether the stream has video.': '该流是否有视频。',
  'If false, no condition of the video is evaluated.': '为 false 时，不判断任何视频质量问题。',
  'Default: true.': '默认为 true。',
  'Bit rate to which the encoder is set, such as 2500kbit or 2.5Mbit.':
    '编码器设置的码率，例如 2500kbit 或 2.5Mbit。',
  'A sample whose frame rate is below this ratio of fps is degraded.':
    '帧率低于 fps 的该比例的采样点视为质量不佳。',
  'A sample whose bit rate is below this ratio of bitrate is degraded.':
    '码率低于 bitrate 的该比例的采样点视为质量不佳。',
  'When the stream is expected to be live: always (true), never (false), or in time slots.':
    '该流预期何时在播：始终（true）、从不（false），或者在若干时间段内。',
  'If this key is not set, the stream is never reported as missing.': '未设置时，该流从不报告为缺失。',
  'Days of the week on which the slot starts, such as mon-fri or "sat,sun".':
    '时间段在星期几开始，例如 mon-fri 或 "sat,sun"。',
  'Start of the time slot, in the local time of time_zone.': '时间段的开始，按 time_zone 的当地时间。',
  'End of the time slot, at most "24:00".': '时间段的结束，最晚 "24:00"。',
  'If it is not later than "from", the slot ends on the next day.': '如果不晚于“from”，时间段在次日结束。',
  'Time zone, such as Asia/Shanghai, UTC or "+08:00".': '时区，例如 Asia/Shanghai、UTC 或 "+08:00"。',
  'Your own labels on livestream_stream_info, for routing and joins.':
    '你自定的标签，加在 livestream_stream_info 上，用于告警路由和关联查询。',
  'Domains whose control history is collected, and whose live streams can be discovered.':
    '需要采集管控历史的域名，也可以自动发现其中正在直播的流。',
  'Name of the account that the domain belongs to.': '该域名所属账号的名称。',
  'Label "domain": at Tencent Cloud the push domain, at Alibaba Cloud the main streaming domain, not one of its ingest domains.':
    '标签“domain”：腾讯云为推流域名；阿里云为播流域名，而不是它的推流域名。',
  'Only for alibaba: only actions on streams of this application.':
    '仅用于 alibaba：只采集该应用的流的操作。',
  'Empty: all applications.': '为空时为全部应用。',
  'How the control history of the domain is collected.': '如何采集该域名的管控历史。',
  'Polling interval of the domain, and of its forbidden streams, if the budget allows it.':
    '该域名及其禁推流的轮询间隔，前提是预算足够。',
  'Overlap of each request with the time that was already requested, in addition to expected_delay.':
    '除 expected_delay 之外，每次请求与已请求过的时间重叠的长度。',
  'Only for alibaba: ingest domains of the main streaming domain, from which push statistics are requested.':
    '仅用于 alibaba：播流域名的推流域名，推流统计按它们请求。',
  'Empty: requested from the provider.': '为空时向云厂商查询。',
  'Whether push statistics of the live streams of the domain are collected.':
    '是否采集该域名正在直播的流的推流统计。',
  'Time between two lists of the live streams, if the budget allows it.':
    '两次查询直播流列表之间的时间，前提是预算足够。',
  'Applications whose live streams are discovered, and at Tencent Cloud also those whose control actions are collected.':
    '自动发现其中直播流的应用；对于腾讯云，也是采集其管控操作的应用。',
  'Tencent Cloud answers for each of them separately.': '腾讯云对每个应用分别返回。',
  'Filter of the discovered streams by name.': '按名称筛选自动发现的流。',
  'Regular expression that the whole name of a stream must match.': '正则表达式，必须匹配整个流名。',
  'Regular expression of streams to leave out: the whole name must not match.':
    '要排除的流的正则表达式，按整个流名匹配。',
  'Expected properties of the discovered streams.': '自动发现的流的预期属性。',
  'Overrides push_stats for the discovered streams of this domain.':
    '为该域名中自动发现的流覆盖 push_stats。',
  'Defaults of all streams.': '所有流的默认值。',
  'Expected properties of every stream that does not override them.': '每路流的预期属性，流自己的设置优先。',
  'How push statistics are collected.': '如何采集推流统计。',
  'Polling interval of each stream, if the budget allows it.': '每路流的轮询间隔，前提是预算足够。',
  'A sample that the provider returns even later counts only if the exporter knows no other sample of the stream for its time.':
    '云厂商更晚返回的采样点，只有在 exporter 不知道该流在该时间的其他采样点时才计入。',
  'If the newest sample is older than this time plus expected_delay (or the delay observed lately, if longer), the stream counts as not live.':
    '如果最新采样点早于该时间加 expected_delay（如果最近观测到的延迟更长，则以它为准），该流视为没有推流。',
  'Settings of the label client_ip.': '标签 client_ip 的设置。',
  'Part of the publisher IP address that the label contains: the whole address, its /24 or /48 network, or nothing.':
    '标签中包含推流端 IP 地址的哪一部分：完整地址、其 /24 或 /48 网段，或者不包含。',
  'Metrics that have the label client_ip: livestream_push_fps, livestream_push_bitrate_bps and livestream_push_info (gauges), or only livestream_push_info (info).':
    '哪些指标带有标签 client_ip：livestream_push_fps、livestream_push_bitrate_bps 和 livestream_push_info（gauges），或者只有 livestream_push_info（info）。',
  'Limits of the exporter.': 'exporter 的限制。',
  'Maximum number of streams.': '最大流数。',
  'Time for which the exporter keeps the totals of a stream that was removed from the config.':
    '流从配置中移除之后，exporter 保留其累计值的时间。',
  'Alertmanagers to which the exporter posts alerts by itself.': 'exporter 直接向其发送告警的 Alertmanager。',
  'URLs of all Alertmanagers of the cluster, at most 10, with their path prefix if they have one.':
    '集群中所有 Alertmanager 的 URL，最多 10 个；如有路径前缀，也要写上。',
  'Empty: the exporter posts no alerts.': '为空时 exporter 不发送告警。',
  'Basic authentication at all Alertmanagers.': '所有 Alertmanager 的基本认证。',
  'User name for all Alertmanagers.': '所有 Alertmanager 的用户名。',
  'Empty: none.': '为空表示没有。',
  'File with the password, absolute or relative to this config.':
    '保存密码的文件，绝对路径，或相对于本配置文件的路径。',
  'File with a token that each request carries, absolute or relative to this config.':
    '保存令牌的文件，每个请求都会带上该令牌；绝对路径，或相对于本配置文件的路径。',
  'PEM file with the certificates that are trusted instead of those of the system, absolute or relative to this config.':
    '包含受信任证书的 PEM 文件，代替系统的证书；绝对路径，或相对于本配置文件的路径。',
  'Language of the annotations.': '注解的语言。',
  'URL below which you serve docs/runbooks.': '你发布 docs/runbooks 的 URL。',
  'Empty: alerts have no runbook_url.': '为空时告警没有 runbook_url。',
  'TLS of the server.': '服务器的 TLS。',
  'Without it, the server speaks plain HTTP.': '没有这一段时，服务器使用明文 HTTP。',
  'Certificate of the server with its chain, as PEM text.': '服务器证书及其证书链，PEM 文本。',
  'Certificate of the server with its chain, as PEM file, absolute or relative to this file.':
    '服务器证书及其证书链，PEM 文件，绝对路径，或相对于本文件的路径。',
  'Private key of the certificate, without passphrase, as PEM text.': '证书的私钥，不带口令，PEM 文本。',
  'Private key of the certificate, without passphrase, as PEM file, absolute or relative to this file.':
    '证书的私钥，不带口令，PEM 文件，绝对路径，或相对于本文件的路径。',
  'Certificates of the authorities of clients, as PEM text.': '客户端证书颁发机构的证书，PEM 文本。',
  'One of the two is required if client_auth_type verifies.': 'client_auth_type 要求验证时，两者必须有一个。',
  'Certificates of the authorities of clients, as PEM file, absolute or relative to this file.':
    '客户端证书颁发机构的证书，PEM 文件，绝对路径，或相对于本文件的路径。',
  'Whether clients need a certificate, and whether it is verified.': '客户端是否需要证书，以及是否验证证书。',
  'RequireClientCert is an old name of RequireAnyClientCert.':
    'RequireClientCert 是 RequireAnyClientCert 的旧名称。',
  'Default: NoClientCert.': '默认为 NoClientCert。',
  'Names of which the certificate of a client must have one: DNS names, IP addresses, URIs or e-mail addresses.':
    '客户端证书必须包含的名称（任意一个）：DNS 名称、IP 地址、URI 或电子邮件地址。',
  'Only with the client_auth_type RequireAndVerifyClientCert.':
    '只能与 client_auth_type RequireAndVerifyClientCert 一起使用。',
  'Oldest version of TLS.': '最低的 TLS 版本。',
  'Default: TLS12.': '默认为 TLS12。',
  'Newest version of TLS.': '最高的 TLS 版本。',
  'Default: TLS13.': '默认为 TLS13。',
  'Cipher suites of TLS 1.2, by the names of Go.': 'TLS 1.2 的密码套件，使用 Go 的名称。',
  'Those of TLS 1.3 are always offered.': 'TLS 1.3 的密码套件始终提供。',
  'Default: the suites of Node.js.': '默认为 Node.js 的密码套件。',
  'Whether the order of cipher_suites decides, and not that of the client.':
    '是否以 cipher_suites 的顺序为准，而不是以客户端的顺序为准。',
  'Elliptic curves in the order of preference.': '按优先顺序排列的椭圆曲线。',
  'Default: the curves of Node.js.': '默认为 Node.js 的曲线。',
  'HTTP of the server.': '服务器的 HTTP 设置。',
  'Accepted without effect: the server speaks HTTP/1.1.': '可以写，但没有作用：服务器使用 HTTP/1.1。',
  'Headers of every response, which replace the default headers of the exporter.':
    '每个响应的响应头，代替 exporter 自己的同名响应头。',
  'Users who can log in, each with the hash of the password.': '可以登录的用户，以及各自密码的哈希值。',
  'Limit of the requests of all clients together.': '所有客户端合计的请求限制。',
  'A request beyond it gets 429.': '超出限制的请求得到 429。',
  'Time in which one request is allowed. 0 or absent: no limit.':
    '允许一个请求的时间间隔。为 0 或不写时没有限制。',
  'Number of requests that can exceed the limit at once.': '可以一次性超出限制的请求数。',
  'At least 1 with an interval above 0.': 'interval 大于 0 时至少为 1。',
  'Video frames per second of a publisher that pushes the stream now, from its newest sample.':
    '当前推该流的推流端每秒的视频帧数，取其最新采样点。',
  'The series exists only while livestream_push_up is 1 and the provider reports the frame rate.':
    '仅当 livestream_push_up 为 1 并且云厂商返回帧率时有序列。',
  'Bit rate in bits per second (video and audio together) of a publisher that pushes the stream now, from its newest sample.':
    '当前推该流的推流端的码率（视频和音频合计），单位为比特每秒，取其最新采样点。',
  'The series exists only while livestream_push_up is 1 and the provider reports the bit rate.':
    '仅当 livestream_push_up 为 1 并且云厂商返回码率时有序列。',
  'Whether the stream is live: 1 if the last response of the provider contained a fresh sample of the stream (at most livestream_collector_effective_delay_seconds + stale_after old), 0 if that response contained no fresh sample.':
    '流是否在播：云厂商最近一次响应包含该流的新采样点（距今不超过 livestream_collector_effective_delay_seconds + stale_after）时为 1；该响应不含新采样点时为 0。',
  'In large fleets, a list of live pushes can decide too: 1 if it contains the stream, 0 if two lists in a row no longer contain it.':
    '大量流时，推流列表也可以决定：列表包含该流时为 1，连续两次列表都不再包含它时为 0。',
  'The series is absent while the state is unknown, because the provider has not responded recently, because its samples can be late, or because the newest rows of its last response could not be read.':
    '状态未知时没有序列：云厂商近期没有响应、采样点可能延迟，或者无法读取最近一次响应中最新的行。',
  'Information about the current publisher of the stream, in labels; the value is always 1.':
    '流的当前推流端的信息，放在标签中；值始终为 1。',
  'If several publishers push the stream, the current publisher changes only when the previous one no longer has a fresh sample. server_ip changes only after 2 minutes (at least 12 samples) without the previous ingest node.':
    '如果有多个推流端，只有在前一个推流端不再有新采样点时，当前推流端才会改变。server_ip 只有在 2 分钟（至少 12 个采样点）没有出现前一个接入节点之后才会改变。',
  'A label is empty if the provider does not report its value.': '云厂商没有返回的值，标签为空。',
  'The series exists only while livestream_push_up is 1.': '仅当 livestream_push_up 为 1 时有序列。',
  'Bit rate of the video in bits per second, from the newest sample of the current publisher (in the labels of livestream_push_info).':
    '视频码率，单位为比特每秒，取当前推流端（见 livestream_push_info 的标签）的最新采样点。',
  'The series exists only while livestream_push_up is 1 and the provider reports the value.':
    '仅当 livestream_push_up 为 1 并且云厂商返回该值时有序列。',
  'Bit rate of the audio in bits per second, from the newest sample of the current publisher (in the labels of livestream_push_info).':
    '音频码率，单位为比特每秒，取当前推流端（见 livestream_push_info 的标签）的最新采样点。',
  'Audio frames per second, from the newest sample of the current publisher (in the labels of livestream_push_info).':
    '每秒的音频帧数，取当前推流端（见 livestream_push_info 的标签）的最新采样点。',
  'Video frames per second that the encoder declares in the metadata of the stream, from the newest sample of the current publisher (in the labels of livestream_push_info).':
    '编码器在流的元数据中声明的每秒视频帧数，取当前推流端（见 livestream_push_info 的标签）的最新采样点。',
  'Time in seconds between two keyframes of the video, from the newest sample of the current publisher (in the labels of livestream_push_info).':
    '两个视频关键帧之间的时间（秒），取当前推流端（见 livestream_push_info 的标签）的最新采样点。',
  'Timestamp at which the push of the current publisher began, in Unix seconds, as reported by the provider.':
    '云厂商返回的当前推流端开始推流的时间戳，Unix 秒。',
  'The series keeps its last value after the push ends, until the exporter restarts.':
    '推流结束后序列保留最后的值，直到 exporter 重启。',
  'The series is absent if the provider does not report the value.': '云厂商没有返回该值时没有序列。',
  'Timestamp at which the last push of the stream ended, in Unix seconds, as recorded by the provider, with the reason: normal (the publisher stopped, or a newer push replaced it), error (network, protocol, authentication or the provider), timeout (no data from the publisher), forbidden (a forbid or a drop cut the push), or unknown.':
    '云厂商记录的该流最近一次推流结束的时间戳，Unix 秒，带有原因：normal（推流端停止，或被新的推流顶替）、error（网络、协议、鉴权或云厂商的故障）、timeout（推流端没有数据）、forbidden（因禁推或强制断流而中断）或 unknown。',
  'The series exists only for streams of domains whose control history the provider derives from the ends of pushes, and is absent until an end is found.':
    '仅有管控历史来自推流结束记录的域名中的流有序列；找到一次结束之前没有序列。',
  'Timestamp up to which the exporter has requested the push samples of the stream, in Unix seconds: the end of the time range of the last successful request, even if the response was empty.':
    'exporter 查询该流的推流采样点已到达的时间，Unix 秒：最近一次成功请求的时间范围的终点，即使响应为空。',
  'The series is absent before the first successful request.': '第一次成功请求之前没有序列。',
  'Timestamp of the newest push sample of the stream, in Unix seconds, as reported by the provider.':
    '云厂商返回的该流最新推流采样点的时间戳，Unix 秒。',
  'The series keeps its last value after the push ends.': '推流结束后序列保留最后的值。',
  'A list of live pushes changes the value only if the provider reports the time of its values.':
    '只有云厂商给出推流列表中数值的时间，该列表才会改变该值。',
  'The series is absent before the first sample.': '第一个采样点之前没有序列。',
  'Total number of push samples of the stream, each counted once.': '该流的推流采样点总数，每个只计一次。',
  'Total push time in seconds that the counted samples cover.':
    '已计入的采样点覆盖的推流时长总和，单位为秒。',
  'If two publishers push the stream at the same time, this time counts twice.':
    '如果两个推流端同时推该流，这段时间计两次。',
  'Total push time in seconds that the counted samples with this value cover: fps (frame rate) or bitrate (bit rate).':
    '带有该值、已计入的采样点覆盖的推流时长总和，单位为秒：fps（帧率）或 bitrate（码率）。',
  'The counter is the denominator of exact means, because a sample without the value must not lower the mean.':
    '该 counter 是准确平均值的分母，因为没有该值的采样点不能拉低平均值。',
  'Total number of video frames pushed: for each counted sample, the frames per second multiplied by the seconds that the sample covers.':
    '推送的视频帧总数：每个已计入采样点的每秒帧数乘以它覆盖的秒数。',
  'Total number of bytes pushed: for each counted sample, the bits per second divided by 8, multiplied by the seconds that the sample covers.':
    '推送的字节总数：每个已计入采样点的每秒比特数除以 8，再乘以它覆盖的秒数。',
  'Total push time in seconds that met at least one condition of livestream_push_degraded_seconds_total.':
    '至少有 livestream_push_degraded_seconds_total 的一种质量问题的推流时长总和，单位为秒。',
  'Time that met several conditions counts once.': '同时有多种质量问题的时间只计一次。',
  'Total time in seconds without a sample, although the config expected the stream to be live and the provider responded.':
    '配置预期该流在播、云厂商也有响应，但没有采样点的时间总和，单位为秒。',
  'Time counts after 16 minutes plus livestream_collector_effective_delay_seconds, if no request has found a sample until then.':
    '如果在 16 分钟加 livestream_collector_effective_delay_seconds 之内没有任何请求找到采样点，这段时间才会计入。',
  'Samples that appear even later do not decrease the value.': '更晚出现的采样点不会使该值减小。',
  'The value stays 0 if expect.live is not set for the stream.':
    '如果没有为该流设置 expect.live，该值保持为 0。',
  'Total push time in seconds of samples that were already stale (older than livestream_collector_effective_delay_seconds + stale_after) when the exporter counted them, for example after an outage, or because the provider returned them late.':
    'exporter 计入时已经过期（早于 livestream_collector_effective_delay_seconds + stale_after）的采样点的推流时长总和，单位为秒，例如在中断之后，或者云厂商较晚才返回它们。',
  'While this counter increases, the rates of the other push counters are too high, because those counters then also count older samples.':
    '该 counter 增加期间，其他推流 counter 的速率偏高，因为它们此时也计入了更早的采样点。',
  'Total time in seconds whose push samples are not counted, because the provider no longer retains them or because the stream was not in the config.':
    '推流采样点未计入的时间总和，单位为秒：云厂商不再保留这些采样点，或者该流当时不在配置中。',
  'Total number of times that a push of the stream started.': '该流开始推流的总次数。',
  'A push that was already running at the first poll does not count.': '第一次轮询时已经在进行的推流不计入。',
  'Total number of times that the IP address of the publisher changed, for example after a failover to another encoder.':
    '推流端 IP 地址变更的总次数，例如切换到另一台编码器之后。',
  'Total media time in seconds that the stream has received: video or audio.':
    '该流收到的媒体时长总和，单位为秒：video（视频）或 audio（音频）。',
  'If it increases more slowly than livestream_push_observed_seconds_total, the push stalls.':
    '如果它比 livestream_push_observed_seconds_total 增加得慢，说明推流卡顿。',
  'The series is absent until the provider has reported the value.': '云厂商返回该值之前没有序列。',
  'Total push time in seconds with degraded quality, by condition: low_fps (frame rate above 0 but below livestream_push_min_fps), no_video (frame rate 0), low_bitrate (bit rate below livestream_push_min_bitrate_bps), video_stall (video frames, but less than half a second of video per second).':
    '质量不佳的推流时长总和，单位为秒，按质量问题区分：low_fps（帧率大于 0 但低于 livestream_push_min_fps）、no_video（帧率为 0）、low_bitrate（码率低于 livestream_push_min_bitrate_bps）、video_stall（有视频帧，但每秒的视频不到半秒）。',
  'Do not add the conditions, because one sample can meet several of them.':
    '不要把各种质量问题相加，因为一个采样点可能有多种质量问题。',
  'The low_fps series is absent if expect.fps is not set, the low_bitrate series if expect.bitrate is not set, and the video_stall series until the provider has reported the media time of the video.':
    '没有设置 expect.fps 时没有 low_fps 序列，没有设置 expect.bitrate 时没有 low_bitrate 序列，云厂商返回视频的媒体时长之前没有 video_stall 序列。',
  'With expect.video: false, only low_bitrate exists.': '设置 expect.video: false 时，只有 low_bitrate。',
  'Total number of control actions (such as forbid and resume) that the provider recorded for the stream, or that the ends of its pushes and the list of forbidden streams show, by action, each counted once.':
    '云厂商为该流记录的、或者由推流结束和禁推列表得出的管控操作（例如 forbid 和 resume）总数，按操作区分，每个只计一次。',
  'Timestamp of the newest control action on the stream, by action, in Unix seconds, as recorded by the provider.':
    '云厂商记录的该流最近一次管控操作的时间戳，Unix 秒，按操作区分。',
  'If only the list of forbidden streams shows a resume, this is the time of the first list without the ban.':
    '如果只有禁推列表反映出恢复推流，则为第一个不含该禁推的列表的时间。',
  'Whether pushing the stream is forbidden: 1 while the list of forbidden streams contains it, otherwise 0.':
    '该流是否被禁推：禁推列表包含它时为 1，否则为 0。',
  'Without such a list, the newest control action or the requested state of the stream determines the value: 1 after a forbid, 0 after a resume or if the state is not forbidden; a forbid that expires without a resume stays 1.':
    '没有禁推列表时，由最近一次管控操作或查询到的流状态决定：禁推之后为 1，恢复之后或状态不是禁推时为 0；到期而没有恢复操作的禁推仍为 1。',
  'The series is absent if the exporter knows no forbid, no resume and no ban of the stream, or if the newest forbid and the newest resume happened in the same second.':
    '如果 exporter 不知道该流的任何禁推和恢复，或者最近的禁推和恢复发生在同一秒，则没有序列。',
  'Total number of control actions (such as forbid and resume) that the provider recorded for all streams of the domain together, or that the ends of pushes and the list of forbidden streams show, by action, each counted once.':
    '云厂商为该域名全部流记录的、或者由推流结束和禁推列表得出的管控操作（例如 forbid 和 resume）总数，按操作区分，每个只计一次。',
  'Total time in seconds whose control actions are not counted, because the provider no longer retains them or because the domain was not in the config.':
    '管控操作未计入的时间总和，单位为秒：云厂商不再保留这些操作，或者该域名当时不在配置中。',
  'Timestamp up to which the exporter has requested the control actions of the domain, in Unix seconds: the end of the time range of the last successful request, even if the response was empty.':
    'exporter 查询该域名的管控操作已到达的时间，Unix 秒：最近一次成功请求的时间范围的终点，即使响应为空。',
  'Information about the stream, in labels from the config; the value is always 1.':
    '流的信息，放在来自配置的标签中；值始终为 1。',
  'Whether the config expects the stream to be live now: 1 if yes, 0 if no.':
    '配置是否预期该流现在在播：是为 1，否为 0。',
  'The series is absent if expect.live is not set for the stream.': '没有为该流设置 expect.live 时没有序列。',
  'Expected video frames per second, from expect.fps in the config.':
    '预期的每秒视频帧数，来自配置中的 expect.fps。',
  'The series is absent if expect.fps is not set for the stream.': '没有为该流设置 expect.fps 时没有序列。',
  'Expected bit rate in bits per second, from expect.bitrate in the config.':
    '预期的码率，单位为比特每秒，来自配置中的 expect.bitrate。',
  'The series is absent if expect.bitrate is not set for the stream.':
    '没有为该流设置 expect.bitrate 时没有序列。',
  'Minimum video frames per second: a sample with a lower frame rate counts as degraded.':
    '每秒视频帧数的下限：帧率更低的采样点视为质量不佳。',
  'Minimum bit rate in bits per second: a sample with a lower bit rate counts as degraded.':
    '码率的下限，单位为比特每秒：码率更低的采样点视为质量不佳。',
  'Total number of requests that the exporter sent to the provider, including failed requests and retries.':
    'exporter 向云厂商发送的请求总数，包括失败的请求和重试。',
  'Total number of failed requests to the provider, by kind: auth (wrong or expired key, missing permission, or wrong clock), refused (the request is invalid for the provider), throttled (too many requests), unavailable (timeout, network failure or failure at the provider), malformed (unreadable response), internal (bug in the exporter, or too many open files).':
    '发往云厂商的失败请求总数，按类型区分：auth（密钥错误或过期、缺少权限，或时钟错误）、refused（对云厂商而言请求无效）、throttled（请求过多）、unavailable（超时、网络故障或云厂商故障）、malformed（响应无法读取）、internal（exporter 的缺陷，或打开的文件过多）。',
  'Duration of requests to the provider in seconds, including failed requests.':
    '向云厂商发送的请求的耗时，单位为秒，包括失败的请求。',
  'Current maximum number of requests per second that the exporter sends to the provider.':
    'exporter 目前每秒向云厂商发送的最大请求数。',
  'After the provider throttles requests, the value is below requests_per_second of the config for a while.':
    '云厂商限流之后，该值会在一段时间内低于配置中的 requests_per_second。',
  'Number of targets (streams, domains or applications) that the collector polls.':
    '采集器轮询的采集对象（流、域名或应用）数。',
  'Collectors: push_stats (push samples of streams), control_history (control actions of domains), online_streams (lists of live streams), live_push_stats (lists of live pushes) and forbidden_streams (lists of forbidden streams).':
    '采集器：push_stats（流的推流采样点）、control_history（域名的管控操作）、online_streams（直播流列表）、live_push_stats（推流列表）和 forbidden_streams（禁推列表）。',
  'Number of targets (streams, domains or applications) of the collector whose last poll failed.':
    '采集器中最近一次轮询失败的采集对象（流、域名或应用）数。',
  'Number of live publishers that have no series, because at most 16 publishers of a stream have series.':
    '正在推流但没有序列的推流端数，因为每路流最多 16 个推流端有序列。',
  'Their samples are counted in all totals.': '它们的采样点计入所有累计值。',
  'Only the collector push_stats (push samples of streams) has this series.':
    '只有采集器 push_stats（流的推流采样点）有该序列。',
  'Timestamp of the last successful poll by the collector, in Unix seconds.':
    '采集器最近一次成功轮询的时间戳，Unix 秒。',
  'The series is absent before the first successful poll, and while the collector has no targets.':
    '第一次成功轮询之前，以及采集器没有采集对象时，没有序列。',
  'Timestamp of the newest push sample among all streams that the collector polls, in Unix seconds, as reported by the provider.':
    '采集器轮询的所有流中最新推流采样点的时间戳，Unix 秒，由云厂商返回。',
  'The series keeps its last value while no newer sample arrives.': '没有更新的采样点时，序列保留最后的值。',
  'Time in seconds between two polls of the same target by the collector.':
    '采集器对同一采集对象两次轮询之间的时间，单位为秒。',
  'The value is above the configured interval while the rate limit is too low to poll each target once per configured interval.':
    '如果频率限额过低，无法在每个配置的间隔内把每个采集对象轮询一次，该值大于配置的间隔。',
  'Additional requests for the newest data during a catch-up, and for empty time ranges, also use the rate limit.':
    '补齐期间对最新数据的额外请求，以及对空时间范围的额外请求，也占用频率限额。',
  'Duration in seconds of the last poll by the collector, successful or failed.':
    '采集器最近一次轮询的耗时，单位为秒，无论成功与否。',
  'A poll requests the data of one target.': '一次轮询请求一个采集对象的数据。',
  'Time in seconds until the collector again polls all targets that are paused.':
    '采集器恢复轮询所有已暂停的采集对象还需要的时间，单位为秒。',
  'Targets pause after the clock of the exporter was set back.':
    'exporter 的时钟被回拨之后，采集对象会暂停。',
  'The value is 0 if no target is paused.': '没有暂停的采集对象时，该值为 0。',
  'Time in seconds until the provider can return new data to the collector: expected_delay from the config, or the longest delay that the exporter has observed lately, if that is longer.':
    '云厂商能够向采集器返回新数据之前的时间，单位为秒：配置中的 expected_delay；如果 exporter 最近观测到的最长延迟更长，则为后者。',
  'Time in seconds by which the newest push sample among all streams of the collector is older than livestream_collector_effective_delay_seconds, while several streams have stopped at the same time although requests succeed.':
    '多路流同时停止而请求成功时，采集器所有流中最新的推流采样点比 livestream_collector_effective_delay_seconds 还要早的时间，单位为秒。',
  'Otherwise, and after 15 minutes, the value is 0.': '其他情况下，以及 15 分钟之后，该值为 0。',
  'Age of push samples in seconds when the exporter counts them, or 0 if a sample is ahead of the exporter clock.':
    '从推流采样点的时间到 exporter 计入它的时间，单位为秒；采样点超前于 exporter 的时钟时为 0。',
  'Samples that the exporter requests late, for example after an outage, are not included.':
    'exporter 较晚才请求的采样点（例如中断之后）不包括在内。',
  'Normal time in seconds from the timestamp of a push sample or control action until the provider returns it, from expected_delay in the config.':
    '从推流采样点或管控操作的时间戳到云厂商返回它的正常时间，单位为秒，来自配置中的 expected_delay。',
  'Collectors: push_stats (push samples of streams) and control_history (control actions of domains).':
    '采集器：push_stats（流的推流采样点）和 control_history（域名的管控操作）。',
  'Total number of rows (push samples or control actions) that the exporter received but did not count, by reason: malformed (unreadable), future (more than 60 s ahead of the exporter clock), changed (counted before with other values), late (too old to tell whether the row was counted before), duplicate (repeated in one response).':
    'exporter 收到但未计入的行（推流采样点或管控操作）总数，按原因区分：malformed（无法读取）、future（超前于 exporter 的时钟 60 秒以上）、changed（已经计入过，但值不同）、late（太旧，无法判断是否已经计入）、duplicate（在一次响应中重复）。',
  'Exporter clock minus provider clock in seconds, from the Date header of the last response.':
    'exporter 的时钟减去云厂商的时钟，单位为秒，取自最近一次响应的 Date 头。',
  'If the clocks differ by more than a tolerance (by default 25 s for push samples, 60 s for control actions), the exporter discards the response.':
    '如果两个时钟之差超出容忍范围（默认推流采样点为 25 秒，管控操作为 60 秒），exporter 丢弃该响应。',
  'Number of streams that have no series now, because limits.max_streams of the config is reached and other streams have a place: streams of the config come first, then discovered streams in the order in which they appeared, then streams with the newest control actions.':
    '目前没有序列的流数，因为已达到配置中的 limits.max_streams，名额由其他流占用：首先是配置中的流，然后是按出现顺序排列的自动发现的流，最后是管控操作最新的流。',
  'A stream that is known from control actions counts until it gets a place, or for 7 days after its last action.':
    '仅从管控操作得知的流，在得到名额之前，或者在其最近一次操作之后 7 天之内，计入该值。',
  'Whether the last load of the config succeeded: 1 if yes, 0 if no.':
    '最近一次加载配置是否成功：是为 1，否为 0。',
  'While the value is 0, the previous config stays active.': '该值为 0 期间，之前的配置继续生效。',
  'Whether the last load of the web config (--web.config.file) and the files that it names, such as a renewed certificate, succeeded: 1 if yes, 0 if no.':
    '最近一次加载 web config（--web.config.file）及其引用的文件（例如续期的证书）是否成功：是为 1，否为 0。',
  'While the value is 0, the previous files stay active.': '该值为 0 期间，之前的文件继续生效。',
  'The series is absent without a web config.': '没有 web config 时没有序列。',
  'Timestamp of the last successful load of the config, in Unix seconds.':
    '最近一次成功加载配置的时间戳，Unix 秒。',
  'Timestamp of the last successful save of the exporter state (totals and polling progress), in Unix seconds.':
    '最近一次成功保存 exporter 状态（累计值和轮询进度）的时间戳，Unix 秒。',
  'The last save can be from before a restart.': '最近一次保存可能发生在重启之前。',
  'The series is absent if the state was never saved.': '状态从未保存时没有序列。',
  'Total number of losses (such as an unreadable row) that the exporter found in its saved state when it started.':
    'exporter 启动时在保存的状态中发现的丢失（例如无法读取的行）总数。',
  'The totals that a loss affects start at 0 or at an older save.':
    '受影响的累计值从 0 或从较早的一次保存开始。',
  'Total number of times that the exporter found its state files deleted or replaced while it was running, and wrote all saved totals again.':
    'exporter 运行期间发现状态文件被删除或替换，并重新写入全部已保存的累计值的总次数。',
  'Information about the build, in labels (versions of the exporter and of Node.js); the value is always 1.':
    '构建信息，放在标签中（exporter 和 Node.js 的版本）；值始终为 1。',
  'Total number of requests that the exporter sent to the Alertmanager (host and port of its URL), including failed requests.':
    'exporter 向该 Alertmanager（其 URL 的主机和端口）发送的请求总数，包括失败的请求。',
  'Without an alert, the exporter sends an empty list once a minute.':
    '没有告警时，exporter 每分钟发送一次空列表。',
  'If the exporter posts no alerts, there is no series.': '如果 exporter 不发送告警，则没有序列。',
  'Total number of failed requests to the Alertmanager, by kind: auth (wrong password or token), refused (the Alertmanager rejected the request), throttled (too many requests), unavailable (timeout, network failure or failure of the Alertmanager), malformed (the response is not that of an Alertmanager), internal (bug in the exporter, or too many open files).':
    '发往该 Alertmanager 的失败请求总数，按类型区分：auth（密码或令牌错误）、refused（被 Alertmanager 拒绝）、throttled（请求过多）、unavailable（超时、网络故障或 Alertmanager 故障）、malformed（不是 Alertmanager 的响应）、internal（exporter 的缺陷，或打开的文件过多）。',
  'Timestamp of the last request that the Alertmanager received, in Unix seconds.':
    '该 Alertmanager 最近一次收到请求的时间戳，Unix 秒。',
  'The series is absent before the first successful request, and if the exporter posts no alerts.':
    '第一次成功请求之前，以及 exporter 不发送告警时，没有序列。',
  'Number of firing alerts that the exporter posts to Alertmanagers, by name of the alert.':
    'exporter 向 Alertmanager 发送的、正在触发的告警数，按告警名称区分。',
};

/** Sentences with a name in them. */
const patterns: readonly { readonly english: RegExp; chinese(name: string): string }[] = [
  { english: /^Alternative: (\w+)\.$/, chinese: (name) => `也可以使用 ${name}。` },
  { english: /^Response header ([\w-]+)\.$/, chinese: (name) => `响应头 ${name}。` },
  { english: /^Overrides (push_stats\.\w+)\.$/, chinese: (name) => `覆盖 ${name}。` },
];

/** Translates a text of one or more sentences. Throws if one has no translation, so that no page mixes languages. */
export function chineseText(english: string): string {
  return sentencesIn(english).map(chineseSentence).join('');
}

function chineseSentence(english: string): string {
  for (const { english: pattern, chinese } of patterns) {
    const name = pattern.exec(english)?.[1];
    if (name !== undefined) return chinese(name);
  }
  return sentences[english] ?? missing(english);
}

/** Translates the type of a value. */
export function chineseType(english: string): string {
  const [, from, to] = /^duration from (\S+) to (\S+)$/.exec(english) ?? [];
  return from === undefined ? (types[english] ?? missing(english)) : `时长，${from} 到 ${to}`;
}

/** Returns the sentences of an English text. */
export function sentencesIn(english: string): readonly string[] {
  return english === '' ? [] : english.split(/(?<=\.) (?=[A-Z])/);
}

/** English texts that have a translation, to find those that are no longer used. */
export const translated = { types: Object.keys(types), sentences: Object.keys(sentences) };

function missing(english: string): never {
  throw new Error(`test/reference/chinese.ts has no translation of: ${english}`);
}
