// Package parser reads the query language: text becomes a syntax tree, and a
// syntax tree becomes text.
//
// [Parse] gives a [Query]; package planner takes it from there. What Parse
// accepts has the right shape: every clause at most once, every function known
// and with the right number of arguments, conditions where conditions belong.
// What the names stand for is the planner's business.
//
// The steps, each in its file:
//
//	lexer.go       text → tokens; limits on length and nesting
//	grammar.go     tokens → clauses, by participle
//	expression.go  tokens → expressions, by precedence climbing
//	build.go       clauses → Query, template.go for the one of parse
//	check.go       what a grammar cannot say
//	juxtapose.go   what stands side by side without a comma
//	surprise.go    words for a token that cannot stand where it does
//	text.go        Query → canonical text
//
// grammar_expression.go says the expressions once more, as a grammar: the EBNF
// that [Grammar] prints comes from there, and a test holds the two together.
//
// To add an operator: operator.go, and a production in grammar_expression.go. A
// function: function.go. A clause: grammar.go, build.go, text.go. Words that
// will be needed are reserved in keyword.go already.
//
// Every error is an [*Error]: it shows the query, and a caret under the place.
package parser
