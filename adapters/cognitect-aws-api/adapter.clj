;; Drives Cognitect's aws-api.

(require '[clojure.data.json :as json]
         '[clojure.edn :as edn]
         '[clojure.java.io :as io]
         '[clojure.walk :as walk]
         '[cognitect.aws.client.api :as aws]
         '[cognitect.aws.credentials :as credentials]
         '[cognitect.aws.retry :as retry])

(import '(attachset Adapter Adapter$About Adapter$Client Adapter$Connection Adapter$Failure Adapter$Unsupported)
        '(com.google.gson JsonArray JsonObject JsonParser JsonPrimitive)
        '(java.io InputStream)
        '(java.net URI)
        '(java.util Base64))

(def version (second (re-find #"/api-([0-9.]+)\.jar" (str (io/resource "cognitect/aws/client/api.clj")))))

(def model (edn/read-string (slurp (io/resource "cognitect/aws/support/service.edn"))))

(defn members [operation]
  (let [shape (get-in model [:operations (keyword operation) :input :shape])]
    (get-in model [:shapes (keyword shape) :members])))

;; One for all clients is what the library does by itself.
(def http-client (aws/default-http-client))

(defn without-nils [m]
  (into {} (remove (comp nil? val)) m))

(defn request
  "The input as the client takes it: maps, vectors and, for what is named data, bytes."
  [json]
  (condp instance? json
    JsonObject    (into {} (for [[k v] (.asMap json)]
                             [(keyword k)
                              (if (= k "data") (.decode (Base64/getDecoder) (.getAsString v)) (request v))]))
    JsonArray     (mapv request json)
    JsonPrimitive (cond
                    (.isString json)  (.getAsString json)
                    (.isBoolean json) (.getAsBoolean json)
                    :else             (.getAsLong json))))

(defn writable
  "A value that the client returned, for JSON: it has no bytes, and no number for infinity, for which
  the client reads 1E400."
  [v]
  (cond
    (and (float? v) (not (Double/isFinite v))) (str v)
    (bytes? v)                                 (.encodeToString (Base64/getEncoder) v)
    (instance? InputStream v)                  (writable (.readAllBytes v))
    (map? v)                                   (without-nils v)
    :else                                      v))

;; What the client returns need not be a string.
(defn value [v]
  (if (or (nil? v) (string? v))
    v
    (JsonParser/parseString (json/write-str (walk/postwalk writable v)))))

(defn kind
  "The library throws nothing: what went wrong is an anomaly, with the exception if there was one,
  of the exchange or of making something of the answer. It has no words or class of its own for
  either, so a mistake is known by its exception."
  [{sent :cognitect.aws/throwable :cognitect.aws.client.impl/keys [throwable]
    :keys [cognitect.anomalies/category] :as anomaly}]
  (cond
    (and throwable (Adapter/isMistake throwable))             "unexpected"
    (and sent (Adapter/timedOut sent))                        "timeout"
    (and sent (not= category :cognitect.anomalies/incorrect)) "transport"
    (:http-response (meta anomaly))                           "decode"
    :else                                                     "client"))

(defn failure [anomaly]
  (if-let [status (:cognitect.aws.http/status anomaly)]
    (Adapter$Failure. "service" (:cognitect.aws.error/code anomaly) (value (:message anomaly)) (int status) nil)
    (let [throwable (or (:cognitect.aws/throwable anomaly) (:cognitect.aws.client.impl/throwable anomaly))]
      (if throwable
        (do (.printStackTrace throwable)
            (Adapter$Failure/of (kind anomaly) throwable))
        (Adapter$Failure. (kind anomaly) nil (pr-str anomaly) nil nil)))))

(defn connect [settings]
  (let [endpoint (URI. (.endpoint settings))
        keys     (.credentials settings)
        client   (aws/client
                  {:api                  :support
                   :region               (.region settings)
                   :http-client          http-client
                   :credentials-provider (reify credentials/CredentialsProvider
                                           (fetch [_]
                                             (without-nils
                                              {:aws/access-key-id     (.accessKeyId keys)
                                               :aws/secret-access-key (.secretAccessKey keys)
                                               :aws/session-token     (.sessionToken keys)})))
                   :endpoint-override    (cond-> {:protocol (keyword (.getScheme endpoint))
                                                  :hostname (.getHost endpoint)
                                                  :port     (.getPort endpoint)}
                                           (seq (.getPath endpoint)) (assoc :path (.getPath endpoint)))
                   ;; The client's default, but for the number of retries.
                   :backoff              (retry/capped-exponential-backoff
                                          100 20000 (dec (.maxAttempts settings)))})]
    (reify Adapter$Connection
      (send [_ operation input]
        (doseq [lacking (remove (members operation) (map keyword (.keySet input)))]
          (throw (Adapter$Unsupported. (str "this client has no " (name lacking)))))
        (let [answer (aws/invoke client {:op (keyword operation) :request (request input)})]
          (if (:cognitect.anomalies/category answer)
            (throw (ex-info "anomaly" {::failure (failure answer)}))
            (value (or answer {})))))
      (close [_] (aws/stop client)))))

(Adapter/serve
 (Adapter$About/of "cognitect-aws-api" version "clojure" (make-array String 0))
 (reify Adapter$Client
   (operations [_] (sort (map name (keys (:operations model)))))
   ;; Its HTTP client takes a time-out only from behind its public API.
   (lacks [_] (cond-> #{"timeout"} (not (:dryRun (members :AddAttachmentsToSet))) (conj "dryRun")))
   (connect [_ settings] (connect settings))
   (explain [_ error] (::failure (ex-data error)))))
