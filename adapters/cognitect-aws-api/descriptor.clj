;; Writes the description of AWS Support that the client reads.
;;
;; A jar of the client's makers holds it, com.cognitect.aws/support, which not
;; every mirror of Maven Central serves. It is AWS's own model of the service,
;; from JSON to EDN, with the service's name in its metadata; so is this.

(require '[clojure.data.json :as json]
         '[clojure.java.io :as io])

(let [model  (json/read-str (slurp (io/resource "models/support-2013-04-15-model.json")) :key-fn keyword)
      target (io/file "installed/classes/cognitect/aws/support/service.edn")]
  (io/make-parents target)
  (spit target (pr-str (assoc-in model [:metadata :cognitect.aws/service-name] "support"))))
