package adapter

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"reflect"
	"strings"
)

// unsupported says what a client cannot express.
type unsupported string

func (u unsupported) Error() string { return string(u) }

func lacking(name string) error { return unsupported("this client has no " + name) }

// operations lists the methods that lead from an operation's input to its output.
func operations(client reflect.Type) (names []string) {
	for i := range client.NumMethod() {
		if method := client.Method(i); isOperation(method.Name, method.Type) {
			names = append(names, method.Name)
		}
	}
	return names
}

func isOperation(name string, method reflect.Type) bool {
	return method.NumOut() == 2 && method.Out(0).Kind() == reflect.Pointer &&
		method.Out(0).Elem().Name() == name+"Output"
}

func send(client any, operation string, input []byte) (any, error) {
	method := reflect.ValueOf(client).MethodByName(operation)
	if !method.IsValid() || !isOperation(operation, method.Type()) {
		return nil, lacking(operation)
	}
	var arguments []reflect.Value
	for i := range method.Type().NumIn() {
		switch parameter := method.Type().In(i); parameter.Kind() {
		case reflect.Interface:
			arguments = append(arguments, reflect.ValueOf(context.Background()))
		case reflect.Pointer:
			value := reflect.New(parameter.Elem())
			if err := fill(value.Interface(), input); err != nil {
				return nil, err
			}
			arguments = append(arguments, value)
		}
	}
	results := method.Call(arguments)
	if err, ok := results[1].Interface().(error); ok {
		return nil, err
	}
	return plain(results[0]), nil
}

// fill sets the fields of an SDK's struct, whose names are those of the service
// model but for the case of the first letter.
func fill(structure any, input []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(input))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(structure)
	if err == nil {
		return nil
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		return lacking(strings.Trim(name, `"`))
	}
	return unsupported("this client cannot take the input: " + err.Error())
}

// plain is what an SDK returned, without its types and without what is nil.
func plain(value reflect.Value) any {
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			return nil
		}
		return plain(value.Elem())
	case reflect.Struct:
		members := map[string]any{}
		for i := range value.NumField() {
			field := value.Type().Field(i)
			if field.IsExported() && field.Name != "ResultMetadata" && !isNone(value.Field(i)) {
				name := strings.ToLower(field.Name[:1]) + field.Name[1:]
				members[name] = plain(value.Field(i))
			}
		}
		return members
	case reflect.Slice:
		if value.Type().Elem().Kind() == reflect.Uint8 {
			return value.Bytes()
		}
		elements := make([]any, value.Len())
		for i := range elements {
			elements[i] = plain(value.Index(i))
		}
		return elements
	case reflect.Float64:
		switch number := value.Float(); {
		case math.IsNaN(number):
			return "NaN"
		case math.IsInf(number, 1):
			return "Infinity"
		case math.IsInf(number, -1):
			return "-Infinity"
		}
	}
	return value.Interface()
}

// isNone tells whether a field holds nothing; the empty string is none in a type
// of enumerated strings, which the SDKs do not point to.
func isNone(field reflect.Value) bool {
	switch field.Kind() {
	case reflect.Pointer, reflect.Slice:
		return field.IsNil()
	}
	return field.Kind() == reflect.String && field.Len() == 0
}
