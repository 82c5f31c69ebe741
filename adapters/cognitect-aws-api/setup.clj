;; Writes the description of AWS Support that the client reads, and compiles
;; the client, which from its source takes many times as long to start.
;;
;; A jar of the client's makers holds the description, com.cognitect.aws/support,
;; which not every mirror of Maven Central serves. It is AWS's own model of the
;; service, from JSON to EDN, with the service's name in its metadata; so is this.

(require '[clojure.data.json :as json]
         '[clojure.java.io :as io])

(let [model  (json/read-str (slurp (io/resource "models/support-2013-04-15-model.json")) :key-fn keyword)
      target (io/file "installed/classes/cognitect/aws/support/service.edn")]
  (io/make-parents target)
  (spit target (pr-str (assoc-in model [:metadata :cognitect.aws/service-name] "support"))))

(binding [*compile-path* "installed/classes"]
  (run! compile '[cognitect.aws.client.api cognitect.aws.protocols.json cognitect.aws.http.default cognitect.aws.http.java]))
